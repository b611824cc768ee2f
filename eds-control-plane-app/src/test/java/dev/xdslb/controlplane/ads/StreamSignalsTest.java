/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.ads;

import static dev.xdslb.controlplane.ads.InMemoryResourceStore.CLUSTER;
import static dev.xdslb.controlplane.ads.InMemoryResourceStore.ENDPOINTS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryResponse;
import io.grpc.Status;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is measured on the streams, and what is not. */
class StreamSignalsTest {
    private final Signals signals = new Signals();
    private AdsFixture ads;

    @BeforeEach
    void start() {
        ads = new AdsFixture(AdsSettings.DEFAULT, signals);
        ads.store.putEndpoints("a:1", 1);
    }

    @AfterEach
    void stop() {
        ads.close();
    }

    /** What a client is told because it asks has no beginning: it may be hours old. */
    @Test
    void firstAnswer_isAPushAndAnAcknowledgement_andNoConvergence() {
        DeltaClient client = ads.delta();
        client.subscribe(ENDPOINTS, "a:1");
        DeltaDiscoveryResponse response = client.next();
        ads.nanos.addAndGet(Duration.ofMillis(30).toNanos());
        client.ack(response);

        awaitSignals("pushed ENDPOINTS " + response.getSerializedSize(), "acknowledged ENDPOINTS 30");
    }

    /** Handing an answer over to another thread, and back, costs more than taking it. */
    @Test
    void answer_isTakenWithoutThePool_andWhatIsThenToBeSentIsNot() throws Exception {
        DeltaClient client = ads.delta();
        client.subscribe(ENDPOINTS, "a:1");
        client.accept();
        awaitAcknowledgements(1);
        ads.store.putEndpoints("a:1", 2);
        DeltaDiscoveryResponse response = client.next();
        CountDownLatch held = new CountDownLatch(1);
        CountDownLatch holding = new CountDownLatch(2);
        for (int thread = 0; thread < 2; thread++) {
            ads.pool.execute(() -> {
                holding.countDown();
                try {
                    held.await();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            });
        }
        holding.await();

        client.ack(response);
        awaitAcknowledgements(2);
        ads.store.putEndpoints("a:1", 3);
        assertThat(client.poll()).isNull();
        held.countDown();
        assertThat(DeltaClient.names(client.next())).containsExactly("a:1");
    }

    private void awaitAcknowledgements(int count) {
        await().until(() -> signals.all.stream()
                        .filter(signal -> signal.startsWith("acknowledged"))
                        .count()
                == count);
    }

    @Test
    void change_isMeasuredFromItsBeginningToTheAcknowledgement_inBothProtocols() {
        DeltaClient delta = ads.delta();
        delta.subscribe(ENDPOINTS, "a:1");
        delta.accept();
        SotwClient sotw = ads.sotw();
        sotw.subscribe(ENDPOINTS, "a:1");
        sotw.accept();
        await().until(() -> signals.all.size() == 4);
        signals.all.clear();

        change(2, AdsFixture.NOW.minusMillis(400));
        DeltaDiscoveryResponse one = delta.next();
        DiscoveryResponse other = sotw.next();
        ads.nanos.addAndGet(Duration.ofMillis(100).toNanos());
        delta.ack(one);
        sotw.ack(other);

        await().untilAsserted(() -> assertThat(signals.all)
                .filteredOn(signal -> !signal.startsWith("pushed"))
                .containsExactlyInAnyOrder(
                        "queued ENDPOINTS 0",
                        "queued ENDPOINTS 0",
                        "acknowledged ENDPOINTS 100",
                        "acknowledged ENDPOINTS 100",
                        "converged ENDPOINTS 500",
                        "converged ENDPOINTS 500"));
    }

    @Test
    void changesWhileAResponseIsUnanswered_areOne_measuredFromTheFirst() {
        DeltaClient client = ads.delta();
        client.subscribe(ENDPOINTS, "a:1");
        DeltaDiscoveryResponse first = client.next();
        change(2, AdsFixture.NOW);
        ads.streams.page(null, 0, 1_000).streams(); // the stream has seen that
        ads.nanos.addAndGet(Duration.ofMillis(70).toNanos());
        change(3, AdsFixture.NOW.plusMillis(70));
        ads.streams.page(null, 0, 1_000).streams();
        signals.all.clear();

        client.ack(first);
        client.accept();

        await().untilAsserted(() -> assertThat(signals.all).contains("queued ENDPOINTS 70", "converged ENDPOINTS 70"));
        assertThat(signals.everything).containsOnlyOnce("coalesced ENDPOINTS");
    }

    @Test
    void changeThatTheClientRefuses_hasNotConverged() {
        DeltaClient client = ads.delta();
        client.subscribe(ENDPOINTS, "a:1");
        client.accept();
        await().until(() -> signals.everything.contains("acknowledged ENDPOINTS 0"));
        change(2, AdsFixture.NOW);
        client.nack(client.next(), "no");

        await().until(() -> signals.everything.contains("rejected ENDPOINTS"));
        client.expectNothingSent();
        assertThat(signals.everything).noneMatch(signal -> signal.startsWith("converged"));
    }

    @Test
    void changeThatTheClientCannotSee_isNotMeasuredWithTheNextOne() {
        DeltaClient client = ads.delta();
        client.subscribe(ENDPOINTS, "a:1");
        client.accept();
        await().until(() -> signals.everything.contains("acknowledged ENDPOINTS 0"));
        ads.store.announceSince(AdsFixture.NOW.minusSeconds(50), ENDPOINTS, "a:1");
        ads.streams.page(null, 0, 1_000).streams();
        change(2, AdsFixture.NOW.minusSeconds(1));
        client.accept();

        await().untilAsserted(() -> assertThat(signals.everything)
                .filteredOn(signal -> signal.startsWith("converged"))
                .containsExactly("converged ENDPOINTS 1000"));
    }

    @Test
    void changeOfWhatIsNotSubscribedAnyMore_isNotMeasured() {
        DeltaClient client = ads.delta();
        client.subscribe(ENDPOINTS, "a:1");
        DeltaDiscoveryResponse first = client.next();
        change(2, AdsFixture.NOW);
        client.unsubscribe(ENDPOINTS, "a:1");
        client.ack(first);

        client.expectNothingSent();
        assertThat(signals.everything).noneMatch(signal -> signal.startsWith("converged"));
    }

    @Test
    void removal_isMeasured_andClocksThatDifferMakeNoNegativeTime() {
        ads.store.putCluster("a:1", 1);
        DeltaClient client = ads.delta();
        client.subscribe(CLUSTER, "*");
        client.accept();
        ads.store.setGone(CLUSTER, "a:1");
        ads.store.announceSince(AdsFixture.NOW.plusSeconds(3), CLUSTER, "a:1");
        assertThat(client.accept().getRemovedResourcesList()).containsExactly("a:1");

        await().until(() -> signals.everything.contains("converged CLUSTER 0"));
    }

    @Test
    void stream_opensAndCloses_withTheStatusThatItWasTold() {
        DeltaClient wrong = ads.delta();
        wrong.send(DeltaDiscoveryRequest.newBuilder());
        wrong.awaitEnd();
        DeltaClient gone = ads.delta();
        await().until(() -> ads.streams.streamCount() == 1);
        gone.cancel();
        await().until(() -> signals.everything.contains("closed CANCELLED"));
        ads.store.setSynced(false);
        ads.delta().awaitEnd();

        assertThat(signals.everything)
                .containsExactly(
                        "opened", "closed INVALID_ARGUMENT", "opened", "closed CANCELLED", "refused UNAVAILABLE");
    }

    @Test
    void staleNonce_andResponseThatNobodyAnswers_areCounted() {
        DeltaClient client = ads.delta();
        client.subscribe(ENDPOINTS, "a:1");
        client.next();
        client.send(DeltaDiscoveryRequest.newBuilder()
                .setTypeUrl(ENDPOINTS.typeUrl())
                .setResponseNonce("of another stream"));
        await().until(() -> signals.everything.contains("stale ENDPOINTS"));
        assertThat(signals.everything).doesNotContain("unanswered ENDPOINTS");

        ads.advance(AdsSettings.DEFAULT.ackTimeout());

        await().until(() -> signals.everything.contains("unanswered ENDPOINTS"));
    }

    private void change(int revision, Instant began) {
        ads.store.setEndpoints("a:1", revision);
        ads.store.announceSince(began, ENDPOINTS, "a:1");
    }

    private void awaitSignals(String... expected) {
        await().untilAsserted(() -> assertThat(signals.all).containsExactly(expected));
    }

    private static final class Signals implements StreamSignals {
        private final List<String> all = new CopyOnWriteArrayList<>(); // until the test clears it
        private final List<String> everything = new CopyOnWriteArrayList<>();

        private void add(String what, @Nullable ResourceType type, String figure) {
            String signal = (what + " " + type + " " + figure).trim();
            all.add(signal);
            everything.add(signal);
        }

        @Override
        public void opened() {
            everything.add("opened");
        }

        @Override
        public void closed(Status.Code status) {
            everything.add("closed " + status);
        }

        @Override
        public void refused(Status.Code status) {
            everything.add("refused " + status);
        }

        @Override
        public void pushed(@Nullable ResourceType type, int bytes) {
            add("pushed", type, Integer.toString(bytes));
        }

        @Override
        public void queued(@Nullable ResourceType type, Duration time) {
            add("queued", type, Long.toString(time.toMillis()));
        }

        @Override
        public void acknowledged(@Nullable ResourceType type, Duration time) {
            add("acknowledged", type, Long.toString(time.toMillis()));
        }

        @Override
        public void converged(@Nullable ResourceType type, Duration time) {
            add("converged", type, Long.toString(time.toMillis()));
        }

        @Override
        public void rejected(@Nullable ResourceType type) {
            add("rejected", type, "");
        }

        @Override
        public void unanswered(@Nullable ResourceType type) {
            add("unanswered", type, "");
        }

        @Override
        public void stale(@Nullable ResourceType type) {
            add("stale", type, "");
        }

        @Override
        public void coalesced(@Nullable ResourceType type) {
            add("coalesced", type, "");
        }
    }
}
