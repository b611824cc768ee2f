/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.e2e;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.PodResource;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** The container of a pod: a process that has the pod's address and is treated as the pod's manifest says. */
final class PodServer implements AutoCloseable {

    private static final int PORT = 8080;

    private final PodResource resource;
    private final Pod pod;
    private final Container container;
    private final String address;
    private final Program program;
    private final AtomicBoolean ending = new AtomicBoolean();

    PodServer(KubernetesClient client, Pod pod, String address) {
        this.resource = client.pods()
                .inNamespace(pod.getMetadata().getNamespace())
                .withName(pod.getMetadata().getName());
        this.pod = pod;
        this.container = pod.getSpec().getContainers().get(0);
        this.address = address;

        List<String> serve = new ArrayList<>(List.of("serve", address));
        serve.addAll(BackendProgram.command());
        ProcessBuilder builder = KubeScript.builder(serve.toArray(String[]::new));
        for (EnvVar variable : container.getEnv()) {
            builder.environment().put(variable.getName(), valueOf(variable));
        }
        this.program = Program.start(pod.getMetadata().getName(), builder);
    }

    /** Reports the pod ready as soon as its readiness probe succeeds. */
    void begin() {
        program.awaitUp(uri(container.getReadinessProbe().getHttpGet().getPath()));
        // Held: the pod's object is to stay until the process has ended.
        Map<String, String> annotations = Map.of("xdslb/hold", "server", "xdslb/ip", address);
        resource.edit(current -> current.edit()
                .editMetadata()
                .addToAnnotations(annotations)
                .endMetadata()
                .build());
    }

    /** Returns true the first time. */
    boolean markEnding() {
        return ending.compareAndSet(false, true);
    }

    /**
     * What a kubelet does from the moment that it sees {@code deletionTimestamp}: waits out the {@code preStop} sleep,
     * sends SIGTERM, kills the process when it outlives the grace period, and removes the pod.
     *
     * @param sleep in the place of the manifest's {@code preStop}; null: as that says
     */
    void end(@Nullable Duration sleep) {
        Duration preStop = sleep != null
                ? sleep
                : Duration.ofSeconds(
                        container.getLifecycle().getPreStop().getSleep().getSeconds());
        Duration grace = Duration.ofSeconds(pod.getSpec().getTerminationGracePeriodSeconds());
        if (!program.awaitEnd(preStop)) {
            program.terminate();
            if (!program.awaitEnd(grace.minus(preStop))) {
                program.kill();
            }
        }
        resource.withGracePeriod(0).delete();
    }

    /** Lets every request take this long. */
    void pace(Duration perRequest) {
        URI uri = uri("/backend/latency?value=" + perRequest);
        try {
            HttpResponse<String> response = Http.put(uri);
            if (response.statusCode() / 100 != 2) {
                throw new IllegalStateException("PUT " + uri + ": " + response.statusCode() + " " + response.body());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        program.close();
        KubeScript.call("unserve", address);
    }

    private URI uri(String path) {
        return URI.create("http://" + address + ":" + PORT + path);
    }

    private String valueOf(EnvVar variable) {
        if (variable.getValue() != null) {
            return variable.getValue();
        }
        String path = variable.getValueFrom().getFieldRef().getFieldPath();
        if (!path.equals("metadata.name")) {
            throw new IllegalArgumentException("environment variable " + variable.getName() + " is taken from " + path
                    + " (expected: metadata.name)");
        }
        return pod.getMetadata().getName();
    }
}
