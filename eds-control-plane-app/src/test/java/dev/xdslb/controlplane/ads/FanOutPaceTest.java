/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.ads;

import static dev.xdslb.controlplane.ads.InMemoryResourceStore.ENDPOINTS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The pause between changes of one resource grows with its size and with how many are told. */
class FanOutPaceTest {
    private static final int MEBIBYTE = 1 << 20;

    private final AdsFixture ads = new AdsFixture(AdsSettings.DEFAULT.withRates(0, 0));

    @AfterEach
    void stop() {
        ads.close();
    }

    /** The next one tells of all that came meanwhile. */
    @Test
    void changesOfALargeResource_areToldAtOnceAndThenAfterAPauseThatFitsItsSize() {
        DeltaClient client = subscribed("large:1");
        change(client, "large:1", 2, MEBIBYTE / 2);
        ads.store.putEndpoints("large:1", 3, MEBIBYTE / 2);
        ads.store.putEndpoints("large:1", 4, MEBIBYTE / 2);
        String latest = ads.store.version(ENDPOINTS, "large:1");

        ads.pass(Duration.ofMillis(499));
        client.expectNothingSent();
        ads.pass(Duration.ofMillis(10));

        assertThat(client.accept().getResources(0).getVersion()).isEqualTo(latest);
        client.expectNothingSent();
    }

    @Test
    void smallResource_doesNotWait_norBehindALargeOne() {
        DeltaClient client = subscribed("large:1", "small:1");
        change(client, "large:1", 2, MEBIBYTE);
        change(client, "small:1", 2, 100);
        ads.store.putEndpoints("large:1", 3, MEBIBYTE);
        ads.pass(Duration.ofMillis(1));

        change(client, "small:1", 3, 100);
    }

    /** 16 KiB are little for each; to 6,400 clients they are 100 MiB, half more than all together may get in a second. */
    @Test
    void pauseGrowsWithTheNumberOfClients() {
        FanOutPace few = new FanOutPace();
        FanOutPace many = new FanOutPace();
        sendTo(1, few, MEBIBYTE / 64);
        sendTo(64, many, MEBIBYTE / 64);
        assertThat(millisUntilDue(few)).isZero();
        assertThat(millisUntilDue(many)).isZero();

        FanOutPace crowd = new FanOutPace();
        sendTo(6_400, crowd, MEBIBYTE / 64);
        assertThat(millisUntilDue(crowd)).isEqualTo(1_562);
    }

    @Test
    void pauseIsBounded_andShorterForWhatIsNotToBeUsedAnyMore() {
        FanOutPace pace = new FanOutPace();
        sendTo(10_000, pace, MEBIBYTE);

        assertThat(millisUntilDue(pace)).isEqualTo(2_000);
        assertThat(pace.nanosUntilDue(true, 0)).isEqualTo(FanOutPace.MAX_WITHDRAWAL_PAUSE_NANOS);
    }

    @Test
    void removalBehindAnAddition_takesBothAlong_inTime() {
        DeltaClient client = subscribed("large:1");
        change(client, "large:1", 2, 3 * MEBIBYTE);
        ads.store.putEndpoints("large:1", 3, 3 * MEBIBYTE);
        ads.pass(Duration.ofMillis(600));
        ads.store.setWithdrawing(true);
        ads.store.putEndpoints("large:1", 4, 3 * MEBIBYTE);
        ads.pass(Duration.ofMillis(399));
        client.expectNothingReceived();

        ads.pass(Duration.ofMillis(10));

        assertThat(client.accept().getResources(0).getVersion()).isEqualTo(ads.store.version(ENDPOINTS, "large:1"));
        ads.pass(Duration.ofSeconds(3));
        client.expectNothingSent();
    }

    /** What is true now is told to whoever asks: only those who have been told wait. */
    @Test
    void newSubscriber_isToldAtOnce() {
        DeltaClient client = subscribed("large:1");
        change(client, "large:1", 2, MEBIBYTE);
        ads.store.putEndpoints("large:1", 3, MEBIBYTE);

        DeltaClient later = ads.delta();
        later.subscribe(ENDPOINTS, "large:1");

        assertThat(later.accept().getResources(0).getVersion()).isEqualTo(ads.store.version(ENDPOINTS, "large:1"));
    }

    @Test
    void whatIsKnownOfAResource_isForgottenWhenItDoesNotChange_butNotWhatWaits() {
        DeltaClient client = subscribed("large:1");
        change(client, "large:1", 2, MEBIBYTE);
        assertThat(ads.streams.index().paces()).isEqualTo(1);
        ads.store.putEndpoints("large:1", 3, MEBIBYTE);
        ads.streams.checkDeadlines();
        assertThat(ads.streams.index().paces()).isEqualTo(1);
        ads.pass(Duration.ofMillis(1_100));
        client.accept();

        ads.advance(Duration.ofSeconds(3));

        assertThat(ads.streams.index().paces()).isZero();
        change(client, "large:1", 4, MEBIBYTE);
        ads.store.putEndpoints("nobody:1", 1);
        assertThat(ads.streams.index().paces()).isEqualTo(1);
    }

    private DeltaClient subscribed(String... names) {
        for (String name : names) {
            ads.store.putEndpoints(name, 1);
        }
        DeltaClient client = ads.delta();
        client.subscribe(ENDPOINTS, names);
        List<String> told = new ArrayList<>();
        while (told.size() < names.length) {
            told.addAll(DeltaClient.names(client.accept()));
        }
        awaitAnswered();
        return client;
    }

    private void change(DeltaClient client, String name, int revision, int bytes) {
        ads.store.putEndpoints(name, revision, bytes);
        DeltaDiscoveryResponse response = client.accept();
        assertThat(DeltaClient.names(response)).containsExactly(name);
        awaitAnswered();
    }

    private void awaitAnswered() {
        await().until(() -> ads.streams.page(null, 0, 10).streams().stream()
                .flatMap(stream -> stream.types().stream())
                .allMatch(type -> type.unansweredNonce() == null));
    }

    private static void sendTo(int clients, FanOutPace pace, int bytes) {
        pace.changed(null, false, 0);
        for (int i = 0; i < clients; i++) {
            pace.sent(bytes);
        }
    }

    private static long millisUntilDue(FanOutPace pace) {
        return Duration.ofNanos(pace.nanosUntilDue(false, 0)).toMillis();
    }
}
