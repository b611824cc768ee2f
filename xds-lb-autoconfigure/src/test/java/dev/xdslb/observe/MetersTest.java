/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.observe;

import static org.assertj.core.api.Assertions.assertThat;

import dev.xdslb.cluster.Cluster;
import dev.xdslb.cluster.ClusterLifetime;
import dev.xdslb.cluster.ClusterRegistry;
import dev.xdslb.cluster.ClusterSettings;
import dev.xdslb.cluster.ConnectionCheck;
import dev.xdslb.endpoint.Endpoint;
import dev.xdslb.endpoint.EndpointHealth;
import dev.xdslb.endpoint.Locality;
import dev.xdslb.load.Lease;
import dev.xdslb.load.Outcome;
import dev.xdslb.strategy.RandomChoice;
import dev.xdslb.strategy.RequestAttributes;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.composite.CompositeMeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Meters come with what they are of, tell what became of it, and go with it. */
class MetersTest {
    private static final String ORDERS = "orders.shop:8080";

    private final AtomicLong clock = new AtomicLong();
    private final SplittableRandom random = new SplittableRandom(1);
    private final DirectSource source = new DirectSource();
    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final ClusterRegistry clusters = ClusterRegistry.driven(
            source,
            (resource, policy) -> ClusterSettings.of(new RandomChoice(random)),
            new ClusterLifetime(Duration.ofMinutes(1), 1000),
            clock::get,
            random,
            ConnectionCheck.NONE);
    private XdsLbMeters meters = meters(0, Set.of());

    @AfterEach
    void nothingStays() {
        meters.close();
        assertThat(registry.getMeters()).isEmpty();
    }

    @Test
    void outcomes_areCounted_whoeverHasLeft() {
        Cluster orders = cluster(ORDERS, pod(1, "a"));
        end(orders, Outcome.SUCCESS);
        end(orders, Outcome.FAILURE);
        end(orders, Outcome.CANCELLED);
        lease(orders).endRefused(Duration.ZERO);
        Lease open = lease(orders);
        meters.refresh();
        assertThat(counters("outcome", "success", "failure", "refused", "cancelled"))
                .containsExactly(1, 1, 1, 1);
        assertThat(registry.get("xdslb.requests.active")
                        .tag("xds.cluster", ORDERS)
                        .gauge()
                        .value())
                .isEqualTo(1);

        source.publish(ORDERS, pod(2, "a"));
        open.end(Outcome.SUCCESS);
        end(orders, Outcome.SUCCESS);
        clusters.tick(); // adds up the times
        meters.refresh();
        assertThat(counters("outcome", "success", "failure", "refused", "cancelled"))
                .containsExactly(3, 1, 1, 1);
        assertThat(registry.get("xdslb.response.time").functionTimer().count()).isGreaterThanOrEqualTo(1);
    }

    @Test
    void counterThatFalls_staysWhatItWas() {
        Cluster orders = cluster(ORDERS, pod(1, "a"));
        Lease stream = orders.streamLease(orders.picker().pick(RequestAttributes.NONE));
        stream.firstMessage();
        meters.refresh();
        assertThat(counters("outcome", "success", "failure")).containsExactly(1, 0);

        stream.end(Outcome.FAILURE); // takes the success back
        meters.refresh();
        assertThat(counters("outcome", "success", "failure")).containsExactly(1, 1);
    }

    @Test
    void endpoints_areCountedByZoneAndState_andAZoneGoesWithItsLast() {
        cluster(
                ORDERS,
                pod(1, "a"),
                pod(2, "a"),
                Endpoint.builder("10.0.0.3", 8080)
                        .health(EndpointHealth.UNHEALTHY)
                        .build());
        meters.refresh();
        assertThat(endpoints("a", "eligible")).isEqualTo(2);
        assertThat(endpoints("a", "ejected")).isZero();
        assertThat(endpoints("none", "not-ready")).isEqualTo(1);

        source.publish(ORDERS, pod(1, "a"));
        meters.refresh();
        assertThat(endpoints("a", "eligible")).isEqualTo(1);
        assertThat(registry.find("xdslb.endpoints").tag("xds.zone", "none").meters())
                .isEmpty();
    }

    @Test
    void failedPicks_areCountedByTheirReason() {
        meters.close();
        meters = meters(0, Set.of(ORDERS));
        Cluster orders = cluster(ORDERS);
        for (int i = 0; i < 3; i++) {
            try {
                lease(orders);
            } catch (RuntimeException e) {
                // there is none
            }
        }
        meters.refresh();
        assertThat(registry.get("xdslb.picks.failed")
                        .tag("reason", "no-endpoint")
                        .functionCounter()
                        .count())
                .isEqualTo(3);
    }

    @Test
    void namesThatRequestsMakeUp_haveNoMeters_andAreCountedTogether() {
        for (int i = 0; i < 1000; i++) {
            cluster("a-" + i + ".shop");
        }
        meters.refresh();
        assertThat(registry.find("xdslb.requests").meters()).isEmpty();
        assertThat(registry.get("xdslb.clusters").tag("state", "live").gauge().value())
                .isEqualTo(1000);
    }

    @Test
    void clusterThatSleeps_takesItsMetersWithIt_andComesBackWithThem() {
        Cluster orders = cluster(ORDERS, pod(1, "a"));
        end(orders, Outcome.SUCCESS);
        meters.refresh();
        assertThat(registry.find("xdslb.requests").meters()).isNotEmpty();

        for (int i = 0; i < 620; i++) {
            clock.addAndGet(ClusterRegistry.TICK.toNanos());
            clusters.tick();
        }
        meters.refresh();
        assertThat(clusters.clusters()).isEmpty();
        assertThat(registry.getMeters()).noneMatch(meter -> meter.getId().getTag("xds.cluster") != null);

        source.publish(cluster(ORDERS).resource(), pod(1, "a"));
        meters.refresh();
        assertThat(registry.find("xdslb.requests").meters()).hasSize(4);
    }

    @Test
    void singleEndpoints_haveNoMetersUnlessAsked() {
        cluster(ORDERS, pod(1, "a"));
        meters.refresh();
        assertThat(registry.getMeters())
                .noneMatch(meter -> meter.getId().getTag("xds.endpoint") != null)
                .noneMatch(meter -> meter.getId().getName().startsWith("xdslb.endpoint."));
    }

    @Test
    void tenThousandChurnedPods_leaveNoMeterBehind() {
        meters.close();
        meters = meters(50, Set.of());
        cluster(ORDERS, pods(0, 20));
        meters.refresh();
        int atFirst = registry.getMeters().size();
        for (int i = 1; i <= 500; i++) {
            source.publish(ORDERS, pods(i * 20, 20));
            meters.refresh();
        }
        assertThat(registry.getMeters()).hasSize(atFirst);

        source.publish(ORDERS);
        meters.refresh();
        assertThat(registry.getMeters()).noneMatch(meter -> meter.getId().getTag("xds.endpoint") != null);
    }

    @Test
    void moreEndpointsThanAllowed_areSaidToHaveNone_andFollowWhereOthersLeave() {
        meters.close();
        meters = meters(30, Set.of());
        cluster(ORDERS, pods(0, 20));
        cluster("stock.shop:8080", pods(100, 20));
        meters.refresh();
        assertThat(registry.find("xdslb.endpoint.cost").meters()).hasSize(30);
        assertThat(registry.get("xdslb.endpoints.unmetered").gauge().value()).isEqualTo(10);

        source.publish(ORDERS, pods(0, 5));
        meters.refresh();
        assertThat(registry.find("xdslb.endpoint.cost").meters()).hasSize(25);
        assertThat(registry.get("xdslb.endpoints.unmetered").gauge().value()).isZero();
    }

    @Test
    void podThatTakesTheAddressOfAnother_hasMetersOfItsOwn() {
        meters.close();
        meters = meters(10, Set.of());
        Cluster orders = cluster(ORDERS, pod(1, "a", "uid-1"));
        end(orders, Outcome.SUCCESS);
        meters.refresh();
        source.publish(ORDERS, pod(1, "a", "uid-2"));
        meters.refresh();
        assertThat(registry.get("xdslb.endpoint.requests")
                        .tag("outcome", "success")
                        .functionCounter()
                        .count())
                .isZero();
        assertThat(registry.find("xdslb.endpoint.requests").meters()).hasSize(4);
    }

    @Test
    void registryThatIsComposite_givesToItsParts_andTakesBack() {
        CompositeMeterRegistry composite = new CompositeMeterRegistry();
        SimpleMeterRegistry part = new SimpleMeterRegistry();
        composite.add(part);
        cluster(ORDERS, pod(1, "a"));
        meters.bindTo(composite);
        assertThat(part.find("xdslb.requests").meters()).hasSize(4);
        meters.close();
        assertThat(part.getMeters()).isEmpty();
        composite.close();
    }

    @Test
    void registryThatFails_doesNotKeepTheOthersFromTheirMeters() {
        SimpleMeterRegistry failing = new SimpleMeterRegistry();
        meters.bindTo(failing);
        failing.config().onMeterAdded(meter -> {
            throw new IllegalStateException("full");
        });
        SimpleMeterRegistry later = new SimpleMeterRegistry();
        meters.bindTo(later);
        cluster(ORDERS, pod(1, "a"));
        meters.refresh();
        assertThat(later.find("xdslb.requests").meters()).hasSize(4);
    }

    @Test
    void clusterWhoseMetersFail_doesNotKeepTheOthersFromTheirs() {
        SimpleMeterRegistry registry = new SimpleMeterRegistry();
        registry.config().onMeterAdded(meter -> {
            if (ORDERS.equals(meter.getId().getTag(MeterKey.CLUSTER.asString()))) {
                throw new IllegalStateException("full");
            }
        });
        meters.bindTo(registry);
        cluster(ORDERS, pod(1, "a"));
        cluster(ORDERS + "1", pod(2, "a"));
        cluster("a" + ORDERS, pod(3, "a"));
        meters.refresh();
        assertThat(registry.find("xdslb.requests")
                        .tag(MeterKey.CLUSTER.asString(), ORDERS + "1")
                        .meters())
                .hasSize(4);
        assertThat(registry.find("xdslb.requests")
                        .tag(MeterKey.CLUSTER.asString(), "a" + ORDERS)
                        .meters())
                .hasSize(4);
    }

    @Test
    void everyMeterInARegistry_isDocumented_andHasTheKeysThatItIsSaidToHave() {
        meters.close();
        meters = meters(10, Set.of());
        cluster(ORDERS, pod(1, "a"));
        meters.refresh();
        for (Meter meter : registry.getMeters()) {
            XdsLbMeter documented = List.of(XdsLbMeter.values()).stream()
                    .filter(candidate ->
                            candidate.getName().equals(meter.getId().getName()))
                    .findFirst()
                    .orElseThrow(() -> new AssertionError(meter.getId()));
            assertThat(meter.getId().getType()).as(documented.name()).isEqualTo(documented.getType());
            assertThat(meter.getId().getTags().stream().map(tag -> tag.getKey()))
                    .as(documented.name())
                    .containsExactlyInAnyOrder(List.of(documented.getKeyNames()).stream()
                            .map(key -> key.asString())
                            .toArray(String[]::new));
            assertThat(meter.getId().getDescription()).as(documented.name()).isNotBlank();
        }
    }

    private XdsLbMeters meters(int maxEndpoints, Set<String> configured) {
        XdsLbMeters made = new XdsLbMeters(clusters, () -> configured, maxEndpoints, InstantSource.system());
        made.bindTo(registry);
        return made;
    }

    private Cluster cluster(String resource, Endpoint... endpoints) {
        Cluster cluster = clusters.cluster(resource);
        source.publish(resource, endpoints);
        return cluster;
    }

    private static void end(Cluster cluster, Outcome outcome) {
        lease(cluster).end(outcome);
    }

    private static Lease lease(Cluster cluster) {
        return cluster.lease(cluster.picker().pick(RequestAttributes.NONE));
    }

    private List<Integer> counters(String key, String... values) {
        return List.of(values).stream()
                .map(value -> registry.get("xdslb.requests").tag(key, value).functionCounter())
                .map(FunctionCounter::count)
                .map(Double::intValue)
                .toList();
    }

    private double endpoints(String zone, String state) {
        return registry.get("xdslb.endpoints")
                .tag("xds.cluster", ORDERS)
                .tag("xds.zone", zone)
                .tag("state", state)
                .gauge()
                .value();
    }

    private static Endpoint[] pods(int first, int number) {
        return IntStream.range(first, first + number).mapToObj(i -> pod(i, "a")).toArray(Endpoint[]::new);
    }

    private static Endpoint pod(int i, String zone) {
        return pod(i, zone, "uid-" + i);
    }

    private static Endpoint pod(int i, String zone, String uid) {
        return Endpoint.builder("10.0." + i / 250 + '.' + i % 250, 8080)
                .pod("pod-" + i, uid)
                .locality(Locality.ofZone(zone))
                .build();
    }
}
