/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What a service that says nothing but the name of its pod learns of where it runs. */
@ExtendWith(TestBed.class)
class PlaceIT {

    private static final String NAMESPACE = "clients";
    private static final String NAME = "checkout";
    private static final String POD = "checkout-1";
    private static final Duration LIMIT = Duration.ofMinutes(1);

    private final KubernetesClient client;
    private final ControlPlane controlPlane;

    PlaceIT(TestBed.Parts parts) {
        client = parts.cluster.client();
        controlPlane = parts.controlPlane;
    }

    @AfterEach
    void deleteTheClientsNamespace() {
        client.namespaces().withName(NAMESPACE).delete();
    }

    @Test
    void zoneAndOwnServiceFollowThePod() {
        createNamespaceAndService();
        createPodOn("node-b", "10.77.0.250");
        try (Program program = SampleService.inPod(NAME, 8085, NAMESPACE, POD)) {
            await("the zone of node-b").atMost(LIMIT).until(() -> said(program, "this process is in zone zone-b"));
            assertThat(controlPlane.endpointStreams())
                    .as("how many fellow clients are in which zone comes with the place")
                    .noneMatch(stream -> stream.subscribed().contains(NAME + '.' + NAMESPACE + ":8080"));
            assertThat(said(program, "is not known")).isFalse();

            client.pods()
                    .inNamespace(NAMESPACE)
                    .withName(POD)
                    .withGracePeriod(0)
                    .delete();
            createPodOn("node-a", "10.77.0.251");

            await("the zone of node-a").atMost(LIMIT).until(() -> said(program, "this process is in zone zone-a"));
        }
    }

    private void createNamespaceAndService() {
        client.resource(new NamespaceBuilder()
                        .withNewMetadata()
                        .withName(NAMESPACE)
                        .endMetadata()
                        .build())
                .create();
        client.resource(new ServiceBuilder()
                        .withNewMetadata()
                        .withName(NAME)
                        .withNamespace(NAMESPACE)
                        .endMetadata()
                        .withNewSpec()
                        .withSelector(Map.of("app", NAME))
                        .addNewPort()
                        .withName("http")
                        .withPort(8080)
                        .endPort()
                        .endSpec()
                        .build())
                .create();
        await("the service account that every pod has")
                .atMost(LIMIT)
                .until(() -> client.serviceAccounts()
                                .inNamespace(NAMESPACE)
                                .withName("default")
                                .get()
                        != null);
    }

    private void createPodOn(String node, String address) {
        client.resource(new PodBuilder()
                        .withNewMetadata()
                        .withName(POD)
                        .withNamespace(NAMESPACE)
                        .addToLabels("app", NAME)
                        .addToAnnotations("xdslb/ip", address)
                        .endMetadata()
                        .withNewSpec()
                        .withNodeName(node)
                        .addNewContainer()
                        .withName(NAME)
                        .withImage("sample-app")
                        .endContainer()
                        .endSpec()
                        .build())
                .create();
    }

    private static boolean said(Program program, String text) {
        try {
            return Files.readString(program.log()).contains(text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
