/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.ads;

import static dev.xdslb.controlplane.ads.InMemoryResourceStore.CLUSTER;
import static dev.xdslb.controlplane.ads.InMemoryResourceStore.ENDPOINTS;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryResponse;
import io.envoyproxy.envoy.service.discovery.v3.Resource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.RepeatedTest;

/**
 * Requests, answers and changes in any order, beside a plain model of what a client must know in the end: the newest of all that it
 * asks for, and that the rest is gone. On the way, nothing is sent twice that nobody asked for twice.
 *
 * <p>Clients that refuse are part of it: what they refused is owed to them again when it changes, or when they ask for it again.
 */
class ProtocolModelTest {
    private static final int STEPS = 150;
    private static final int REPETITIONS = 60;
    private static final List<String> NAMES =
            IntStream.range(0, 8).mapToObj(i -> "s" + i + ":1").toList();

    private final AdsFixture ads = new AdsFixture();
    private final Map<String, Integer> revisions = new TreeMap<>(); // of what exists
    private SplittableRandom random;
    private int revision;

    @AfterEach
    void stop() {
        ads.close();
    }

    @RepeatedTest(REPETITIONS)
    void deltaClient_knowsTheNewestOfAllThatItAsksFor() {
        seed();
        DeltaClient client = ads.delta();
        Set<String> asked = new TreeSet<>();
        Map<String, String> held = new TreeMap<>(); // versions
        Set<String> askedAgain = new HashSet<>();
        Set<String> refused = new HashSet<>();
        Deque<DeltaDiscoveryResponse> unanswered = new ArrayDeque<>();
        subscribe(client, List.of(NAMES.get(0)), asked, askedAgain, refused);
        for (int step = 0; step < STEPS; step++) {
            switch (random.nextInt(8)) {
                case 0, 1 -> change(refused);
                case 2 -> subscribe(client, some(), asked, askedAgain, refused);
                case 3 -> {
                    List<String> names = some();
                    client.unsubscribe(ENDPOINTS, names.toArray(String[]::new));
                    asked.removeAll(names);
                    held.keySet().removeAll(names);
                    refused.removeAll(names);
                }
                case 4 ->
                    client.send(DeltaDiscoveryRequest.newBuilder()
                            .setTypeUrl(ENDPOINTS.typeUrl())
                            .setResponseNonce("of another stream"));
                default -> {
                    DeltaDiscoveryResponse came = client.poll();
                    if (came != null) {
                        unanswered.add(came);
                    }
                    if (!unanswered.isEmpty()) {
                        DeltaDiscoveryResponse response = unanswered.remove();
                        if (random.nextInt(5) == 0) {
                            client.nack(response, "by the test");
                            response.getResourcesList().forEach(resource -> refused.add(resource.getName()));
                            held.keySet().removeAll(response.getRemovedResourcesList());
                        } else {
                            take(response, asked, held, askedAgain, refused);
                            client.ack(response);
                        }
                    }
                }
            }
        }
        while (!unanswered.isEmpty()) {
            DeltaDiscoveryResponse response = unanswered.remove();
            take(response, asked, held, askedAgain, refused);
            client.ack(response);
        }
        String marker = ads.marker();
        client.subscribe(ENDPOINTS, marker);
        boolean settled = false;
        while (!settled) {
            DeltaDiscoveryResponse response = client.next();
            settled = DeltaClient.names(response).contains(marker);
            take(response, asked, held, askedAgain, refused);
            client.ack(response);
        }

        for (String name : asked) {
            if (revisions.containsKey(name)) {
                if (!refused.contains(name)) {
                    assertThat(held).as(name).containsEntry(name, ads.store.version(ENDPOINTS, name));
                }
            } else {
                assertThat(held).doesNotContainKey(name);
            }
        }
        assertThat(ads.faults.boundaries())
                .allSatisfy(boundary -> assertThat(boundary.count()).isZero());
    }

    @RepeatedTest(REPETITIONS)
    void stateOfTheWorldClient_knowsTheNewestOfAllThatItAsksFor_andAllClusters() {
        seed();
        SotwClient client = ads.sotw();
        Set<String> asked = new TreeSet<>(List.of(NAMES.get(0)));
        Map<String, ByteString> endpoints = new TreeMap<>(); // what the client knows
        Set<String> clusters = new TreeSet<>();
        Set<String> refused = new HashSet<>();
        client.subscribe(CLUSTER, "*");
        client.subscribe(ENDPOINTS, asked.toArray(String[]::new));
        for (int step = 0; step < STEPS; step++) {
            switch (random.nextInt(6)) {
                case 0, 1 -> change(refused);
                case 2 -> {
                    asked.clear();
                    asked.addAll(some());
                    asked.add(NAMES.get(0));
                    endpoints.keySet().retainAll(asked);
                    refused.retainAll(asked);
                    client.subscribe(ENDPOINTS, asked.toArray(String[]::new));
                }
                default -> {
                    DiscoveryResponse response = client.poll();
                    if (response != null) {
                        if (response.getTypeUrl().equals(ENDPOINTS.typeUrl()) && random.nextInt(5) == 0) {
                            client.nack(response, "by the test");
                            refused.addAll(SotwClient.names(response));
                        } else {
                            take(response, asked, endpoints, clusters, refused);
                            client.ack(response);
                        }
                    }
                }
            }
        }
        String marker = ads.marker();
        asked.add(marker);
        client.subscribe(ENDPOINTS, asked.toArray(String[]::new));
        boolean settled = false;
        while (!settled) {
            DiscoveryResponse response = client.next();
            settled = SotwClient.names(response).contains(marker);
            take(response, asked, endpoints, clusters, refused);
            client.ack(response);
        }

        String last = "last:1";
        ads.store.putCluster(last, 1);
        while (!clusters.contains(last)) {
            DiscoveryResponse response = client.next();
            take(response, asked, endpoints, clusters, refused);
            client.ack(response);
        }

        asked.remove(marker);
        clusters.remove(last);
        for (String name : asked) {
            if (revisions.containsKey(name) && !refused.contains(name)) {
                assertThat(endpoints).as(name).containsEntry(name, present(name));
            }
        }
        assertThat(clusters).isEqualTo(new TreeSet<>(revisions.keySet()));
        assertThat(ads.faults.boundaries())
                .allSatisfy(boundary -> assertThat(boundary.count()).isZero());
    }

    private void seed() {
        long seed = Long.getLong("xdslb.seed", System.nanoTime());
        System.out.println("random seed: " + seed + " (repeat with -Dxdslb.seed=" + seed + ")");
        random = new SplittableRandom(seed);
        for (String name : some()) {
            put(name);
        }
    }

    private ByteString present(String name) {
        ClientVariant any = new ClientVariant(ClientVariant.Family.XDS_LB, "shop");
        return ((Lookup.Found) ads.store.lookup(ENDPOINTS, name, any))
                .resource()
                .any();
    }

    private void put(String name) {
        revision++;
        revisions.put(name, revision);
        ads.store.putCluster(name, 1);
        ads.store.putEndpoints(name, revision);
    }

    /** Puts something new under a name, or takes it away. */
    private void change(Set<String> refused) {
        String name = NAMES.get(random.nextInt(NAMES.size()));
        refused.remove(name);
        if (random.nextInt(3) == 0) {
            revisions.remove(name);
            ads.store.remove(ENDPOINTS, name);
            ads.store.remove(CLUSTER, name);
        } else {
            put(name);
        }
    }

    private List<String> some() {
        List<String> some = new ArrayList<>();
        for (String name : NAMES) {
            if (random.nextBoolean()) {
                some.add(name);
            }
        }
        return some;
    }

    private static void subscribe(
            DeltaClient client, List<String> names, Set<String> asked, Set<String> askedAgain, Set<String> refused) {
        client.subscribe(ENDPOINTS, names.toArray(String[]::new));
        asked.addAll(names);
        askedAgain.addAll(names);
        refused.removeAll(names);
    }

    private static void take(
            DeltaDiscoveryResponse response,
            Set<String> asked,
            Map<String, String> held,
            Set<String> askedAgain,
            Set<String> refused) {
        for (Resource resource : response.getResourcesList()) {
            String name = resource.getName();
            refused.remove(name);
            boolean isTheSame = resource.getVersion().equals(held.get(name));
            assertThat(isTheSame && !askedAgain.contains(name))
                    .as("%s was sent twice with version %s", name, resource.getVersion())
                    .isFalse();
            if (asked.contains(name)) { // it may have been unsubscribed from since it was sent
                held.put(name, resource.getVersion());
            }
        }
        held.keySet().removeAll(response.getRemovedResourcesList());
    }

    private static void take(
            DiscoveryResponse response,
            Set<String> asked,
            Map<String, ByteString> endpoints,
            Set<String> clusters,
            Set<String> refused) {
        List<String> names = SotwClient.names(response);
        if (response.getTypeUrl().equals(CLUSTER.typeUrl())) {
            clusters.clear();
            clusters.addAll(names);
        } else {
            for (Any resource : response.getResourcesList()) {
                String name = SotwClient.name(resource);
                refused.remove(name);
                if (asked.contains(name)) {
                    endpoints.put(name, resource.toByteString());
                }
            }
        }
    }
}
