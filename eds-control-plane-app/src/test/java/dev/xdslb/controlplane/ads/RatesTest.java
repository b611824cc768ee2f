/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.ads;

import static dev.xdslb.controlplane.ads.InMemoryResourceStore.ENDPOINTS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.envoyproxy.envoy.service.discovery.v3.DiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryResponse;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.Status.Code;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** How fast streams may begin, and how fast one may ask. */
class RatesTest {
    private static final int NEW_STREAMS = 5; // per second, and twice as many at once
    private static final int REQUESTS = 10;

    private AdsFixture ads;

    @BeforeEach
    void start() {
        ads = new AdsFixture(AdsSettings.DEFAULT.withRates(NEW_STREAMS, REQUESTS));
        ads.store.putEndpoints("a:1", 1);
        ads.store.putEndpoints("b:1", 1);
    }

    @AfterEach
    void stop() {
        ads.close();
    }

    @Test
    void streamsThatBeginAtOnce_beginAtTheRate_andNoneIsRefusedForThat() {
        List<DeltaClient> clients = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            DeltaClient client = ads.delta();
            client.subscribe(ENDPOINTS, "a:1");
            clients.add(client);
        }
        clients.subList(0, 10)
                .forEach(client ->
                        assertThat(client.accept().getResourcesCount()).isEqualTo(1));
        assertThat(ads.waiting()).isEqualTo(10);
        clients.subList(10, 20).forEach(TestStream::expectNothingReceived);

        ads.pass(Duration.ofSeconds(1));
        clients.subList(10, 15)
                .forEach(client ->
                        assertThat(client.accept().getResourcesCount()).isEqualTo(1));
        assertThat(ads.waiting()).isEqualTo(5);

        ads.pass(Duration.ofSeconds(1));
        clients.subList(15, 20)
                .forEach(client ->
                        assertThat(client.accept().getResourcesCount()).isEqualTo(1));
    }

    @Test
    void streamThatWouldWaitTooLong_isRefusedWithAReason_andLaterTaken() {
        int atOnceAndWaiting = 2 * NEW_STREAMS + 8 * NEW_STREAMS;
        for (int i = 0; i < atOnceAndWaiting; i++) {
            ads.delta();
        }
        DeltaClient refused = ads.delta();
        assertThat(refused.awaitEnd().getCode()).isEqualTo(Code.RESOURCE_EXHAUSTED);
        assertThat(refused.awaitEnd().getDescription()).contains("new streams", "at most 5 per second", "try again");

        ads.pass(Duration.ofSeconds(8));
        DeltaClient later = ads.delta();
        later.subscribe(ENDPOINTS, "a:1");
        ads.pass(Duration.ofSeconds(1));
        later.accept();
    }

    /** Eight seconds of one stream per second, after the first five. */
    @Test
    void connectionThatOpensStreamAfterStream_isRefusedMore_andOthersBeginAtOnce() {
        ManagedChannel connection = ads.channel();
        for (int i = 0; i < NEW_STREAMS + 8; i++) {
            ads.delta(connection);
        }
        assertThat(ads.waiting()).isEqualTo(8);
        for (int i = 0; i < 100; i++) {
            Status refused = ads.delta(connection).awaitEnd();
            assertThat(refused.getCode()).isEqualTo(Code.RESOURCE_EXHAUSTED);
            assertThat(refused.getDescription()).contains("on this connection", "at most 1 per second", "5 at once");
        }

        DeltaClient other = ads.delta();
        other.subscribe(ENDPOINTS, "a:1");
        ads.pass(Duration.ofSeconds(1)); // in which the shared tokens of those that wait come back
        other.accept();

        ads.pass(Duration.ofSeconds(1));
        DeltaClient later = ads.delta(connection);
        assertThat(later.hasEnded()).isFalse();
    }

    /** The deadline of the first request is that of the client, who cannot send before the stream has begun. */
    @Test
    void streamThatWaits_isNotTakenForOneThatSaysNothing_andEndsWithItsClient() {
        for (int i = 0; i < 2 * NEW_STREAMS + 7 * NEW_STREAMS; i++) {
            ads.delta().subscribe(ENDPOINTS, "a:1");
        }
        DeltaClient last = ads.delta();
        last.subscribe(ENDPOINTS, "a:1");
        DeltaClient gone = ads.delta();
        gone.cancel();
        ads.pass(Duration.ofSeconds(7));
        ads.advance(Duration.ofMillis(200));
        last.accept();
        ads.pass(Duration.ofSeconds(1));

        await().until(() -> ads.streams.streamCount() == 2 * NEW_STREAMS + 7 * NEW_STREAMS + 1);
    }

    @Test
    void clientThatAsksTooFast_waits_andOthersDoNot() {
        DeltaClient fast = ads.delta();
        DeltaClient other = ads.delta();
        other.subscribe(ENDPOINTS, "a:1");
        other.accept();
        for (int i = 0; i < 1_000; i++) {
            fast.subscribe(ENDPOINTS, "a:1");
            fast.unsubscribe(ENDPOINTS, "a:1");
        }
        await().until(() -> ads.waiting() == 1);
        long taken = requests();

        ads.store.putEndpoints("a:1", 2);
        other.accept();
        assertThat(taken).isBetween((long) REQUESTS, 2L * REQUESTS);

        ads.pass(Duration.ofSeconds(1));
        await().until(() -> requests() > taken);
        assertThat(fast.hasEnded()).isFalse();
    }

    private long requests() {
        return ads.streams.page(null, 0, 1_000).streams().stream()
                .flatMap(view -> view.types().stream())
                .mapToLong(type -> type.counts().requests())
                .max()
                .orElse(0);
    }

    @Test
    void clientThatGoesOnAskingTooFast_isToldSo_andItsStreamEnds() {
        DeltaClient fast = ads.delta();
        for (int i = 0; i < 1_000; i++) {
            fast.subscribe(ENDPOINTS, "a:1");
        }
        for (int i = 0; i < 320 && !fast.hasEnded(); i++) {
            await().until(() -> ads.waiting() == 1 || fast.hasEnded());
            ads.pass(Duration.ofMillis(100));
        }

        assertThat(fast.awaitEnd().getCode()).isEqualTo(Code.RESOURCE_EXHAUSTED);
        assertThat(fast.awaitEnd().getDescription()).contains("for 30 s", "at most 10 per second");
        assertThat(ads.streams.streamCount()).isZero();
    }

    /** Many names take long: whoever has few does not wait behind those who have many. */
    @Test
    void streamOfManyNames_keepsOnlyItsLikeWaiting_andIsServedLikeOthersOnceItHasFew() throws InterruptedException {
        CountDownLatch busy = new CountDownLatch(1);
        ads.bulk.execute(() -> {
            try {
                busy.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        String[] names = new String[Lane.MANY_NAMES + 1];
        Arrays.setAll(names, i -> "name-" + i + ":1");
        DeltaClient many = ads.delta();
        many.subscribe(ENDPOINTS, names);
        DeltaClient few = ads.delta();
        few.subscribe(ENDPOINTS, "a:1");
        few.accept();
        many.expectNothingReceived();
        assertThat(ads.streams.page("nobody", 0, 1).total()).isZero();

        busy.countDown();
        assertThat(many.accept().getRemovedResourcesCount()).isEqualTo(names.length);
        ads.pass(Duration.ofSeconds(1));
        many.unsubscribe(ENDPOINTS, names);
        ads.pass(Duration.ofSeconds(1));
        await().until(() -> ads.streams.page(null, 0, 10).streams().stream()
                .flatMap(stream -> stream.types().stream())
                .noneMatch(type -> type.names() > 1));
        ads.bulk.shutdown();
        ads.pass(Duration.ofSeconds(1));
        many.subscribe(ENDPOINTS, "b:1");
        many.accept();
    }

    /** One that repeats all its names each time, as the state of the world makes it do, keeps a thread busy for longer. */
    @Test
    void requestOfManyNames_countsAsSeveral() {
        SotwClient client = ads.sotw();
        DiscoveryRequest.Builder request = DiscoveryRequest.newBuilder().setTypeUrl(ENDPOINTS.typeUrl());
        for (int i = 0; i < 2_500; i++) {
            request.addResourceNames("n" + i + ":1");
        }
        client.send(request);
        client.next();
        await().until(() -> ads.waiting() == 1);

        client.send(request);
        ads.pass(Duration.ofMillis(100)); // eleven tokens, of which ten were there
        client.send(request);
        await().until(() -> ads.waiting() == 1);
        ads.pass(Duration.ofSeconds(1));
        assertThat(ads.waiting()).isEqualTo(1);
        ads.pass(Duration.ofMillis(100));
        assertThat(client.hasEnded()).isFalse();
    }

    /** Eleven tokens each, of ten per second: the server itself made it send them. */
    @Test
    void answersThatRepeatManyNames_countOnceEach_andEndNoStream() {
        SotwClient client = ads.sotw();
        String[] names = new String[2_500];
        Arrays.setAll(names, i -> "n" + i + ":1");
        client.subscribe(ENDPOINTS, names);
        client.accept();
        await().until(() -> ads.waiting() == 1); // the names were asked for, and count
        for (int revision = 1; revision <= 60; revision++) {
            ads.pass(Duration.ofSeconds(1));
            ads.store.putEndpoints("n7:1", revision);
            assertThat(SotwClient.names(client.accept())).containsExactly("n7:1");
        }

        ads.pass(Duration.ofSeconds(1));
        ads.store.putEndpoints("n7:1", 61);
        client.nack(client.next(), "no");
        ads.store.putEndpoints("n7:1", 62);
        assertThat(SotwClient.names(client.next())).containsExactly("n7:1");
        assertThat(client.hasEnded()).isFalse();
    }

    @Test
    void answerThatAlsoAsksForMore_countsByItsNames() {
        SotwClient client = ads.sotw();
        String[] names = new String[2_500];
        Arrays.setAll(names, i -> "n" + i + ":1");
        client.subscribe(ENDPOINTS, "a:1");
        DiscoveryResponse response = client.next();

        client.send(client.request(ENDPOINTS)
                .addAllResourceNames(Arrays.asList(names))
                .setResponseNonce(response.getNonce()));
        await().until(() -> ads.waiting() == 1);
    }
}
