/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.xds;

import static dev.xdslb.xds.Answers.NO_POLICY;
import static dev.xdslb.xds.Answers.cluster;
import static dev.xdslb.xds.Answers.clusterDelta;
import static dev.xdslb.xds.Answers.delta;
import static dev.xdslb.xds.Answers.list;
import static dev.xdslb.xds.Answers.resource;
import static dev.xdslb.xds.Answers.sotw;
import static org.assertj.core.api.Assertions.assertThat;

import dev.xdslb.xds.proto.DeltaDiscoveryRequest;
import io.grpc.Status;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ReconnectTest {
    private static final String SERVER = "control plane eds-control-plane.xds-lb:18000";

    private ClientHarness harness;

    @AfterEach
    void stop() {
        harness.close();
    }

    @Test
    void newStream_saysWhichVersionsAreThere() throws IOException {
        harness = ClientHarness.delta();
        RecordingWatcher orders = harness.watch("orders.shop:8080");
        harness.watch("users.shop:8080");
        harness.answer(delta("n1").addResources(resource("orders.shop:8080", "v1", "10.0.0.1:8080")));

        harness.server.newestDelta().fail(Status.UNAVAILABLE);
        harness.awaitReconnect();

        assertThat(harness.server.delta).hasSize(2);
        DeltaDiscoveryRequest first = harness.server.newestDelta().requests.get(0);
        assertThat(harness.server.newestDelta().first().getNode().getId()).isEqualTo("orders~1");
        assertThat(first.getResourceNamesSubscribeList()).containsExactly("orders.shop:8080", "users.shop:8080");
        assertThat(first.getInitialResourceVersionsMap()).isEqualTo(Map.of("orders.shop:8080", "v1"));
        assertThat(orders.news).containsExactly("v1 [10.0.0.1:8080]");
    }

    @Test
    void nothingNewAfterAReconnect_countsAsConnectedAndNoListWasSent() throws IOException {
        harness = ClientHarness.delta();
        harness.watch("orders.shop:8080");
        harness.answer(delta("n1").addResources(resource("orders.shop:8080", "v1", "10.0.0.1:8080")));
        harness.answer(clusterDelta("c1").addResources(cluster("orders.shop:8080", "c1", NO_POLICY)));
        XdsStatus.Traffic before = harness.client.status().traffic();
        harness.server.newestDelta().fail(Status.UNAVAILABLE);
        harness.executor.runDue();
        assertThat(harness.client.status().connected()).isFalse();

        harness.awaitReconnect();
        harness.executor.advance(Duration.ofSeconds(2));

        assertThat(harness.client.status().connected()).isTrue();
        assertThat(harness.client.status().traffic().streams()).isEqualTo(before.streams() + 1);
        assertThat(harness.client.status().traffic().endpointBytes()).isEqualTo(before.endpointBytes());
        assertThat(harness.executor.waiting()).isZero();
    }

    @Test
    void streamThatEndsOnPurpose_isReplacedWithoutAWord() throws IOException {
        harness = ClientHarness.delta();
        RecordingWatcher watcher = harness.watch("orders.shop:8080");
        harness.answer(delta("n1").addResources(resource("orders.shop:8080", "v1", "10.0.0.1:8080")));

        harness.server.newestDelta().fail(Status.UNAVAILABLE.withDescription("draining"));
        harness.awaitReconnect();
        harness.answer(delta("n1").addResources(resource("orders.shop:8080", "v2", "10.0.0.2:8080")));

        assertThat(watcher.news).containsExactly("v1 [10.0.0.1:8080]", "v2 [10.0.0.2:8080]");
        assertThat(harness.log.lines).isEmpty();
    }

    @Test
    void attemptsAnswersAndLives_areCounted_withTheirTimes() throws IOException {
        harness = ClientHarness.delta();
        harness.watch("orders.shop:8080");
        harness.executor.advance(Duration.ofMillis(300));
        assertThat(harness.client.status().streamTimes())
                .isEqualTo(new XdsStatus.StreamTimes(0, 0, Duration.ZERO, 0, Duration.ZERO));

        harness.answer(delta("n1").addResources(resource("orders.shop:8080", "v1", "10.0.0.1:8080")));
        harness.answer(delta("n2").addResources(resource("orders.shop:8080", "v2", "10.0.0.1:8080")));
        harness.executor.advance(Duration.ofMinutes(5));
        assertThat(harness.client.status().streamTimes())
                .as("the first answer only, and no life of a stream that is there")
                .isEqualTo(new XdsStatus.StreamTimes(0, 1, Duration.ofMillis(300), 0, Duration.ZERO));

        harness.server.refuse(Status.UNAVAILABLE.withDescription("not synced"));
        harness.server.newestDelta().fail(Status.UNAVAILABLE);
        harness.executor.advance(Duration.ofMinutes(10));

        XdsStatus.StreamTimes times = harness.client.status().streamTimes();
        assertThat(times.ended()).isEqualTo(1);
        assertThat(times.life()).isEqualTo(Duration.ofMinutes(5));
        assertThat(times.answered()).isEqualTo(1);
        assertThat(times.failed())
                .as("all but the first one")
                .isEqualTo(harness.client.status().traffic().streams() - 1)
                .isPositive();
    }

    @Test
    void streamThatEndsByAFault_isAnOutage() throws IOException {
        harness = ClientHarness.delta();
        harness.watch("orders.shop:8080");
        harness.answer(delta("n1").addResources(resource("orders.shop:8080", "v1", "10.0.0.1:8080")));

        harness.server.newestDelta().fail(Status.INTERNAL.withDescription("a bug"));
        harness.executor.runDue();

        assertThat(harness.log.lines).hasSize(1);
        assertThat(harness.log.lines.get(0)).contains("INTERNAL, a bug");
    }

    @Test
    void outage_isSaidOnceAndSoIsItsEnd() throws IOException {
        harness = ClientHarness.delta();
        RecordingWatcher known = harness.watch("orders.shop:8080");
        RecordingWatcher unknown = harness.watch("users.shop:8080");
        harness.answer(delta("n1").addResources(resource("orders.shop:8080", "v1", "10.0.0.1:8080")));
        harness.server.refuse(Status.UNAVAILABLE.withDescription("not synced"));
        harness.server.newestDelta().fail(Status.UNAVAILABLE);

        harness.executor.advance(Duration.ofMinutes(10));

        assertThat(harness.server.delta).hasSizeGreaterThan(20);
        String reason = "unavailable: " + SERVER + " cannot be reached: UNAVAILABLE, not synced";
        assertThat(known.news).containsExactly("v1 [10.0.0.1:8080]", reason);
        assertThat(unknown.news).containsExactly(reason);
        assertThat(harness.log.lines)
                .containsExactly("WARN " + SERVER + " cannot be reached, and is tried until it can; endpoints that are"
                        + " known stay in use: UNAVAILABLE, not synced");
        assertThat(harness.client.status().trouble()).isEqualTo("UNAVAILABLE, not synced");
        assertThat(harness.status("orders.shop:8080").version()).isEqualTo("v1");

        harness.server.refuse(null);
        harness.executor.advance(Duration.ofSeconds(33));

        assertThat(harness.log.lines).hasSize(2);
        assertThat(harness.log.lines.get(1)).matches("INFO " + SERVER + " is reachable again after 6\\d\\d s");
        assertThat(harness.client.status().connected()).isTrue();
        assertThat(harness.client.status().trouble()).isEmpty();
    }

    @Test
    void controlPlaneThatNeverAnswered_isSaidWithThePropertyThatHasItsAddress() throws IOException {
        harness = ClientHarness.delta();
        harness.server.refuse(Status.UNAVAILABLE.withDescription("not there"));
        harness.watch("orders.shop:8080");

        harness.executor.advance(Duration.ofMinutes(1));

        assertThat(harness.log.lines)
                .containsExactly(
                        "WARN " + SERVER + " cannot be reached, and is tried until it can; endpoints that are known"
                                + " stay in use: UNAVAILABLE, not there (its address is what xds-lb.control-plane.address or"
                                + " XdsLb.Builder.controlPlane says)");
    }

    @Test
    void controlPlaneThatComesLate_isFoundWithinFiveSeconds() throws IOException {
        harness = ClientHarness.delta();
        harness.server.refuse(Status.UNAVAILABLE.withDescription("not there"));
        harness.watch("orders.shop:8080");
        harness.executor.advance(Duration.ofMinutes(10));

        harness.server.refuse(null);
        harness.executor.advance(Duration.ofSeconds(5));

        assertThat(harness.server.newestDelta().requests).isNotEmpty();
    }

    @Test
    void serviceThatIsNewDuringAnOutage_isAskedForWithinFiveSeconds() throws IOException {
        harness = ClientHarness.delta();
        harness.watch("orders.shop:8080");
        harness.answer(delta("n1").addResources(resource("orders.shop:8080", "v1", "10.0.0.1:8080")));
        harness.server.refuse(Status.UNAVAILABLE.withDescription("not there"));
        harness.server.newestDelta().fail(Status.UNAVAILABLE);
        harness.executor.advance(Duration.ofMinutes(10));
        int attempts = harness.server.delta.size();

        harness.watch("users.shop:8080");
        harness.server.refuse(null);
        harness.executor.advance(Duration.ofSeconds(5));

        assertThat(harness.server.delta).hasSize(attempts + 1);
        assertThat(harness.server.newestDelta().requests).isNotEmpty();
    }

    @Test
    void clientThatKnowsItsEndpoints_leavesTheControlPlaneMoreTime() throws IOException {
        harness = ClientHarness.delta();
        harness.watch("orders.shop:8080");
        harness.answer(delta("n1").addResources(resource("orders.shop:8080", "v1", "10.0.0.1:8080")));
        harness.server.refuse(Status.UNAVAILABLE.withDescription("not there"));
        harness.server.newestDelta().fail(Status.UNAVAILABLE);
        harness.executor.advance(Duration.ofMinutes(10));
        int attempts = harness.server.delta.size();

        harness.executor.advance(Duration.ofMinutes(1));

        assertThat(harness.server.delta.size() - attempts).isBetween(2, 4); // each after 15 to 30 s
    }

    @Test
    void anotherReasonDuringAnOutage_isToldToTheWatchers() throws IOException {
        harness = ClientHarness.delta();
        harness.server.refuse(Status.UNAVAILABLE.withDescription("not synced"));
        RecordingWatcher watcher = harness.watch("orders.shop:8080");

        harness.server.refuse(Status.PERMISSION_DENIED.withDescription("who are you"));
        harness.awaitReconnect();

        assertThat(watcher.news)
                .containsExactly(
                        "unavailable: " + SERVER + " cannot be reached: UNAVAILABLE, not synced",
                        "unavailable: " + SERVER + " cannot be reached: PERMISSION_DENIED, who are you");
        assertThat(harness.log.lines).hasSize(1);
    }

    @Test
    void whoeverComesDuringAnOutage_learnsWhyThereIsNothing() throws IOException {
        harness = ClientHarness.delta();
        harness.server.refuse(Status.UNAVAILABLE.withDescription("not synced"));
        harness.watch("orders.shop:8080");

        RecordingWatcher sameName = harness.watch("orders.shop:8080");
        RecordingWatcher otherName = harness.watch("users.shop:8080");

        String reason = "unavailable: " + SERVER + " cannot be reached: UNAVAILABLE, not synced";
        assertThat(sameName.news).containsExactly(reason);
        assertThat(otherName.news).containsExactly(reason);
    }

    @Test
    void whoeverComesAfterAnOutage_isNotToldOfIt() throws IOException {
        harness = ClientHarness.delta();
        harness.server.refuse(Status.UNAVAILABLE.withDescription("not synced"));
        harness.watch("orders.shop:8080");
        harness.server.refuse(null);
        harness.awaitReconnect();
        harness.answer(delta("n1").addResources(resource("users.shop:8080", "v1", "10.0.0.1:8080")));

        RecordingWatcher late = harness.watch("orders.shop:8080");

        assertThat(late.news).isEmpty();
    }

    @Test
    void attemptsComeFurtherAndFurtherApartUntilOneSucceeds() throws IOException {
        harness = ClientHarness.delta();
        harness.watch("orders.shop:8080");
        harness.answer(delta("n1").addResources(resource("orders.shop:8080", "v1", "10.0.0.1:8080")));
        harness.server.refuse(Status.UNAVAILABLE);
        harness.server.newestDelta().fail(Status.UNAVAILABLE);

        harness.executor.advance(Duration.ofMinutes(2));
        assertThat(harness.server.delta)
                .hasSizeBetween(10, 16); // 0.2 + 0.4 + … + 25.6 s and then 30 s, or half of that

        harness.executor.advance(Duration.ofMinutes(2));
        assertThat(harness.server.delta).hasSizeBetween(14, 24);

        harness.server.refuse(null);
        harness.executor.advance(Duration.ofSeconds(30));
        harness.answer(delta("n1").addResources(resource("orders.shop:8080", "v1", "10.0.0.1:8080")));
        int streams = harness.server.delta.size();
        harness.server.newestDelta().fail(Status.UNAVAILABLE);
        harness.executor.advance(Duration.ofMillis(200));
        assertThat(harness.server.delta).hasSize(streams + 1);
    }

    @Test
    void nothingWaitsForAnAnswerWhileThereIsNoStream() throws IOException {
        harness = ClientHarness.delta();
        RecordingWatcher watcher = harness.watch("orders.shop:8080");
        harness.executor.advance(Duration.ofSeconds(14));
        harness.server.refuse(Status.UNAVAILABLE.withDescription("restarting"));
        harness.server.newestDelta().fail(Status.UNAVAILABLE);

        harness.executor.advance(Duration.ofSeconds(10));

        assertThat(watcher.news)
                .containsExactly("unavailable: " + SERVER + " cannot be reached: UNAVAILABLE, restarting");
    }

    @Test
    void serverWithoutDelta_isAskedForTheStateOfTheWorldFromThenOn() throws IOException {
        harness = new ClientHarness(settings -> settings, XdsProtocol.SOTW);
        RecordingWatcher watcher = harness.watch("orders.shop:8080");

        harness.answer(sotw("v1", "n1").addResources(list("orders.shop:8080", "10.0.0.1:8080")));
        harness.server.newestSotw().fail(Status.UNAVAILABLE);
        harness.awaitReconnect();

        assertThat(watcher.news).containsExactly("v1 [10.0.0.1:8080]");
        assertThat(harness.server.sotw).hasSize(2);
        assertThat(harness.client.status().traffic().streams()).isEqualTo(3); // the one in delta was the first
        assertThat(harness.client.status().protocol()).isEqualTo(XdsProtocol.SOTW);
        assertThat(harness.log.lines)
                .containsExactly("INFO " + SERVER
                        + " does not serve delta xDS; asking it for the state of the world from now on");
    }

    @Test
    void serverWithoutAds_isAnOutageAndTriedInDeltaAgain() throws IOException {
        harness = new ClientHarness(settings -> settings);
        RecordingWatcher watcher = harness.watch("orders.shop:8080");
        assertThat(watcher.news).hasSize(1);
        assertThat(watcher.news.get(0)).contains("UNIMPLEMENTED");

        harness.server.close();
        harness.server = harness.startServer(XdsProtocol.DELTA);
        harness.awaitReconnect();

        assertThat(harness.server.delta).hasSize(1);
    }

    @Test
    void serverThatIsNotThere_isToldApartFromOneThatRefuses() throws IOException {
        harness = ClientHarness.delta();
        harness.server.close();

        RecordingWatcher watcher = harness.watch("orders.shop:8080");

        assertThat(watcher.news).hasSize(1);
        assertThat(watcher.news.get(0)).startsWith("unavailable: " + SERVER + " cannot be reached: UNAVAILABLE, ");

        harness.server = harness.startServer(XdsProtocol.DELTA);
        harness.awaitReconnect();
        harness.answer(delta("n1").addResources(resource("orders.shop:8080", "v1", "10.0.0.1:8080")));
        assertThat(watcher.news.get(1)).isEqualTo("v1 [10.0.0.1:8080]");
    }

    @Test
    void channelThatCannotBeMade_isAnOutage() throws IOException {
        harness = new ClientHarness(settings -> settings.channelFactory(address -> {
            throw new IllegalStateException("no such certificate");
        }));

        RecordingWatcher watcher = harness.watch("orders.shop:8080");

        assertThat(watcher.news)
                .containsExactly("unavailable: " + SERVER + " cannot be reached: INTERNAL, no such certificate");
    }
}
