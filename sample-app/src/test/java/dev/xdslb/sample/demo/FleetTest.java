/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.sample.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class FleetTest {
    private final Fleet fleet = new Fleet(Clock.systemUTC(), Duration.ofMillis(1));
    private final Path folder = fleet.manifests().path();

    @AfterEach
    void stop() {
        fleet.close();
        assertThat(folder).doesNotExist();
    }

    @Test
    void startedPod_isInTheManifestsWithItsPorts() throws Exception {
        String name = fleet.start("b");
        DemoPod pod = fleet.pods().get(0);

        assertThat(manifest(name))
                .contains("kind: Pod", "kind: EndpointSlice", "nodeName: node-b", "uid: " + pod.uid())
                .contains("{name: http, port: " + pod.server().httpPort() + ", protocol: TCP}")
                .contains("{name: grpc, port: " + pod.server().grpcPort() + ", protocol: TCP}")
                .contains("conditions: {ready: true, serving: true, terminating: false}");
        assertThat(fleet.nameAt(pod.server().grpcPort())).isEqualTo(name);
    }

    @Test
    void killedPod_isNotReadyALittleLater() throws Exception {
        String name = fleet.start("a");
        assertThat(manifest(name)).contains("ready: true");

        fleet.kill(List.of(name));

        assertThat(fleet.pods().get(0).state()).isEqualTo(DemoPod.State.DYING);
        assertThat(fleet.readyPods()).hasSize(1); // nobody knows yet
        await().until(() -> fleet.readyPods().isEmpty());
        assertThat(manifest(name)).contains("ready: false", "status: \"False\"");
    }

    @Test
    void deadPod_isReplacedByANewOneInItsZone() {
        String dead = fleet.start("a");
        fleet.start("b");
        fleet.kill(List.of(dead));

        assertThat(fleet.replaceDead()).containsExactly("orders-a2");

        assertThat(fleet.pods()).extracting(DemoPod::name).containsExactly("orders-a2", "orders-b1");
        assertThat(folder.resolve(dead + ".yaml")).doesNotExist();
    }

    @Test
    void retiredPod_isGoneFromTheManifestsBeforeItStopsServing() {
        String name = fleet.start("a");
        DemoPod pod = fleet.pods().get(0);

        fleet.retire(name);

        assertThat(folder.resolve(name + ".yaml")).doesNotExist();
        assertThat(fleet.pods()).isEmpty();
        assertThat(pod.server().isServing()).isTrue();
        await().until(() -> !pod.server().isServing());
    }

    private String manifest(String pod) throws Exception {
        return Files.readString(folder.resolve(pod + ".yaml"));
    }
}
