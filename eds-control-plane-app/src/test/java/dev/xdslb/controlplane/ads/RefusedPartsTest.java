/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.ads;

import static dev.xdslb.controlplane.ads.InMemoryResourceStore.CLUSTER;
import static dev.xdslb.controlplane.ads.InMemoryResourceStore.ENDPOINTS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryResponse;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Envoy refuses a response whole, whatever is good in it. Other clients take what is good. */
class RefusedPartsTest {
    private static final String[] NAMES =
            IntStream.range(0, 100).mapToObj(i -> "s" + i + ":1").toArray(String[]::new);

    private final AdsFixture ads = new AdsFixture();

    RefusedPartsTest() {
        for (String name : NAMES) {
            ads.store.putCluster(name, 1);
            ads.store.putEndpoints(name, 1);
        }
    }

    @AfterEach
    void stop() {
        ads.close();
    }

    @Test
    void badResources_keepNoneOfTheOthersFromAnEnvoy_andAreSentAgainWhenTheyChange() {
        Set<String> bad = Set.of("s17:1", "s80:1");
        DeltaClient envoy = ads.delta(AdsFixture.node("envoy"));
        envoy.subscribe(ENDPOINTS, NAMES);
        Map<String, String> held = new TreeMap<>();
        int responses = 0;
        while (held.size() < NAMES.length - bad.size()) {
            DeltaDiscoveryResponse response = envoy.next();
            responses++;
            take(envoy, response, bad, held);
        }
        assertThat(held).doesNotContainKeys("s17:1", "s80:1");
        assertThat(responses).as("2 log2 100 for each").isLessThan(30);

        ads.store.putEndpoints("s17:1", 2);
        String mended = ads.store.version(ENDPOINTS, "s17:1");
        while (!mended.equals(held.get("s17:1"))) {
            take(envoy, envoy.next(), Set.of("s80:1"), held);
        }
    }

    @Test
    void sameByTheStateOfTheWorld() {
        String bad = "s42:1";
        SotwClient envoy = ads.sotw(AdsFixture.node("envoy"));
        envoy.subscribe(ENDPOINTS, NAMES);
        Set<String> held = new TreeSet<>();
        while (held.size() < NAMES.length - 1) {
            DiscoveryResponse response = envoy.next();
            List<String> names = SotwClient.names(response);
            if (names.contains(bad)) {
                envoy.nack(response, "bad");
            } else {
                held.addAll(names);
                envoy.ack(response);
            }
        }
        assertThat(held).doesNotContain(bad);
    }

    @Test
    void clientThatRefusesEverything_isGivenUp() {
        DeltaClient envoy = ads.delta(AdsFixture.node("envoy"));
        envoy.subscribe(ENDPOINTS, NAMES);
        int responses = 0;
        do {
            responses++;
            envoy.nack(envoy.next(), "anything");
            long refused = responses;
            await().until(() -> ads.stream().types().get(0).counts().nacks() == refused);
        } while (ads.stream().types().get(0).unansweredNonce() != null);

        assertThat(responses).isLessThan(30);
        envoy.expectNothingSent();
    }

    /** gRFC A46: what is good of a response is used, so that nothing is to be sent again. */
    @Test
    void clientThatTakesWhatIsGood_isNotSentItAgain() {
        for (String agent : List.of("xds-lb", "gRPC Java")) {
            try (AdsFixture other = new AdsFixture()) {
                other.store.putEndpoints("a:1", 1);
                other.store.putEndpoints("b:1", 1);
                DeltaClient client = other.delta(AdsFixture.node(agent));
                client.subscribe(ENDPOINTS, "a:1", "b:1");
                client.nack(client.next(), "a:1 is bad");
                client.expectNothingSent();
            }
        }
    }

    @Test
    void clustersOfTheStateOfTheWorld_areNeverSentInParts_whichWouldDeleteTheOthers() {
        SotwClient envoy = ads.sotw(AdsFixture.node("envoy"));
        envoy.subscribe(CLUSTER);
        envoy.nack(envoy.next(), "one of them");

        envoy.expectNothingSent();
    }

    private static void take(
            DeltaClient envoy, DeltaDiscoveryResponse response, Set<String> bad, Map<String, String> held) {
        if (DeltaClient.names(response).stream().anyMatch(bad::contains)) {
            envoy.nack(response, "bad");
        } else {
            response.getResourcesList().forEach(resource -> held.put(resource.getName(), resource.getVersion()));
            envoy.ack(response);
        }
    }
}
