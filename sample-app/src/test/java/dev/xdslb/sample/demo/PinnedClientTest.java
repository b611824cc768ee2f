/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.sample.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Clock;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class PinnedClientTest {
    private static final int CONNECTIONS = 6;

    private final Fleet fleet = new Fleet(Clock.systemUTC(), Duration.ofMillis(1));
    private final Measurements measurements =
            new Measurements(System::nanoTime, new Tables(), EnumSet.allOf(ClientKind.class));
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
    private PinnedClient client;

    @BeforeEach
    void start() {
        fleet.start("a");
        fleet.start("a");
        fleet.start("b");
        client = new PinnedClient(fleet::readyPods, new Random(7), timer);
        client.connect(CONNECTIONS);
    }

    @AfterEach
    void stop() {
        client.close();
        timer.shutdownNow();
        fleet.close();
    }

    @Test
    void sendsInTurnOverItsConnections_andEachStaysWithItsPod() {
        Map<String, Integer> connections = client.connectionsPerPod();

        ClientFigures figures = send(CONNECTIONS * 10);

        assertThat(figures.failed()).isZero();
        connections.forEach((pod, count) -> assertThat(figures.perPod()).containsEntry(pod, count * 10));
    }

    @Test
    void newPods_getNothing() {
        Map<String, Integer> connections = client.connectionsPerPod();

        fleet.start("b");
        send(CONNECTIONS);

        assertThat(client.connectionsPerPod()).isEqualTo(connections).doesNotContainKey("orders-b2");
    }

    @Test
    void failingPod_keepsItsConnections() {
        Map<String, Integer> connections = client.connectionsPerPod();
        String pod = connections.keySet().iterator().next();
        fleet.behaviour(pod).setFailing(true);

        ClientFigures figures = send(CONNECTIONS * 10);

        assertThat(figures.failed()).isEqualTo(connections.get(pod) * 10);
        assertThat(client.connectionsPerPod()).isEqualTo(connections);
    }

    @Test
    void killedPod_losesItsConnectionsToTheOthersWhileThoseStay() {
        send(CONNECTIONS);
        Map<String, Integer> before = client.connectionsPerPod();
        String pod = before.keySet().iterator().next();

        fleet.kill(List.of(pod));

        await().until(() -> !client.connectionsPerPod().containsKey(pod));
        client.connectionsPerPod()
                .forEach((other, count) -> assertThat(count).isGreaterThanOrEqualTo(before.getOrDefault(other, 0)));
        await().untilAsserted(() -> assertThat(send(CONNECTIONS).failed()).isZero());
    }

    private ClientFigures send(int requests) {
        Window window = measurements.openWindow();
        for (int i = 0; i < requests; i++) {
            client.send(measurements.begin(ClientKind.PINNED));
        }
        await().until(() -> {
            ClientFigures figures = measurements.figures(window, ClientKind.PINNED);
            return figures.answered() + figures.failed() == requests;
        });
        return measurements.figures(window, ClientKind.PINNED);
    }
}
