/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.e2e;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSliceBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A Service of the API server without a selector, whose EndpointSlices the test writes: each names a server on this machine. No
 * controller has a part in it.
 */
final class HandmadeService implements AutoCloseable {

    /** The API takes no loopback address for an endpoint. */
    private static final String ADDRESS = "10.78.0.1";

    private static final String NAMESPACE = OrdersDeployment.NAMESPACE;
    private static final int PORT = 8080;

    private final KubernetesClient client;
    private final String name;
    private final String portName;
    private final HasMetadata service;
    private final Map<String, HasMetadata> slices = new ConcurrentHashMap<>();

    /**
     * Creates it, with port 8080.
     *
     * @param portName says the protocol: {@code grpc} or {@code http}
     */
    HandmadeService(KubernetesClient client, String name, String portName) {
        giveThisMachineTheAddress();
        this.client = client;
        this.name = name;
        this.portName = portName;
        service = client.resource(new ServiceBuilder()
                        .withNewMetadata()
                        .withName(name)
                        .withNamespace(NAMESPACE)
                        .endMetadata()
                        .withNewSpec()
                        .addNewPort()
                        .withName(portName)
                        .withPort(PORT)
                        .endPort()
                        .endSpec()
                        .build())
                .create();
    }

    /** Returns the name under which clients ask for it. */
    String resource() {
        return name + "." + NAMESPACE + ":" + PORT;
    }

    /** Adds a pod that is ready: a server of this machine on that port. */
    void add(String pod, int port) {
        HasMetadata slice = new EndpointSliceBuilder()
                .withNewMetadata()
                .withName(name + "-" + pod)
                .withNamespace(NAMESPACE)
                .addToLabels("kubernetes.io/service-name", name)
                .endMetadata()
                .withAddressType("IPv4")
                .addNewEndpoint()
                .withAddresses(ADDRESS)
                .withNewConditions()
                .withReady(true)
                .endConditions()
                .endEndpoint()
                .addNewPort()
                .withName(portName)
                .withPort(port)
                .endPort()
                .build();
        slices.put(pod, client.resource(slice).create());
    }

    void remove(String pod) {
        client.resource(slices.remove(pod)).delete();
    }

    @Override
    public void close() {
        slices.keySet().forEach(this::remove);
        client.resource(service).delete();
    }

    private static void giveThisMachineTheAddress() {
        try {
            Process process = new ProcessBuilder("ip", "addr", "replace", ADDRESS + "/32", "dev", "lo")
                    .inheritIO()
                    .start();
            int status = process.waitFor();
            if (status != 0) {
                throw new IllegalStateException("ip addr replace " + ADDRESS + " ended with status " + status);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted in ip addr replace", e);
        }
    }
}
