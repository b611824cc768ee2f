/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.xds;

import static dev.xdslb.xds.Answers.cluster;
import static dev.xdslb.xds.Answers.clusterDelta;
import static dev.xdslb.xds.Answers.delta;
import static dev.xdslb.xds.Answers.resource;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Duration;
import com.google.protobuf.UInt32Value;
import dev.xdslb.cluster.Cluster;
import dev.xdslb.cluster.ClusterLifetime;
import dev.xdslb.cluster.ClusterRegistry;
import dev.xdslb.cluster.ClusterSettings;
import dev.xdslb.cluster.ConnectionCheck;
import dev.xdslb.cluster.ServicePolicy;
import dev.xdslb.load.Lease;
import dev.xdslb.load.Outcome;
import dev.xdslb.policy.PolicySettings;
import dev.xdslb.strategy.LoadBalancingStrategy;
import dev.xdslb.strategy.P2cLeastRequest;
import dev.xdslb.strategy.RequestAttributes;
import dev.xdslb.xds.proto.CircuitBreakers;
import dev.xdslb.xds.proto.Cluster.RoundRobinLbConfig;
import dev.xdslb.xds.proto.Cluster.SlowStartConfig;
import dev.xdslb.xds.proto.OutlierDetection;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** From the control plane's cluster resource to the picks, while requests are in flight. */
class PolicyChangeTest {
    private static final String ORDERS = "orders.shop:8080";

    private final LoadBalancingStrategy strategy = new P2cLeastRequest(new Random(1));
    private ClientHarness harness;
    private ClusterRegistry registry;
    private Cluster orders;

    @BeforeEach
    void start() throws IOException {
        harness = ClientHarness.delta();
        registry = ClusterRegistry.driven(
                harness.client,
                (resource, policy) -> ClusterSettings.of(strategy).withPolicy(policy.over(PolicySettings.DEFAULT)),
                ClusterLifetime.DEFAULT,
                harness.executor::nanos,
                new Random(1),
                ConnectionCheck.NONE);
        orders = registry.cluster(ORDERS);
        harness.executor.runDue();
        harness.answer(
                delta("n1").addResources(resource(ORDERS, "v1", "10.0.0.1:8080", "10.0.0.2:8080", "10.0.0.3:8080")));
    }

    @AfterEach
    void stop() {
        registry.close();
        harness.close();
    }

    @Test
    void slowStartAndOutlierSettings_changeWhileRequestsRun_andLoadIsKept() {
        List<Lease> leases = begin(30);
        assertThat(orders.settings().policy()).isEqualTo(PolicySettings.DEFAULT);

        harness.answer(clusterDelta("c1")
                .addResources(cluster(
                        ORDERS,
                        "c1",
                        dev.xdslb.xds.proto.Cluster.newBuilder()
                                .setRoundRobinLbConfig(RoundRobinLbConfig.newBuilder()
                                        .setSlowStartConfig(SlowStartConfig.newBuilder()
                                                .setSlowStartWindow(
                                                        Duration.newBuilder().setSeconds(90))))
                                .setOutlierDetection(
                                        OutlierDetection.newBuilder().setConsecutive5Xx(UInt32Value.of(2)))
                                .build())));
        tick();

        assertThat(orders.settings().policy().slowStart().window()).hasSeconds(90);
        assertThat(orders.settings().policy().ejection().consecutiveFailures()).isEqualTo(2);
        assertThat(orders.settings().policy().ejection().maxTime())
                .as("what is not said stays")
                .isEqualTo(PolicySettings.DEFAULT.ejection().maxTime());
        assertThat(inFlight()).isEqualTo(30);

        leases.forEach(lease -> lease.end(Outcome.SUCCESS));
        assertThat(inFlight()).isZero();
    }

    @Test
    void limit_isObeyedAndTakenBack() {
        limit(2);
        List<Lease> leases = begin(2);
        assertThat(orders.settings().policy().limits().maxInFlight()).isEqualTo(2);

        harness.answer(clusterDelta("c2").addResources(cluster(ORDERS, "c2", Answers.NO_POLICY)));
        tick();
        assertThat(orders.settings().policy()).isEqualTo(PolicySettings.DEFAULT);
        leases.addAll(begin(20));
        assertThat(inFlight()).isEqualTo(22);
    }

    @Test
    void refusedPolicy_changesNothing() {
        limit(2);
        harness.answer(clusterDelta("c2").addResources(cluster(ORDERS, "c2", maxRequests(0))));
        tick();

        assertThat(orders.settings().policy().limits().maxInFlight()).isEqualTo(2);
        assertThat(orders.endpoints()).hasSize(3);
    }

    @Test
    void defaultOfTheControlPlane_changesNothing() {
        ClusterSettings before = orders.settings();
        harness.answer(clusterDelta("c1").addResources(cluster(ORDERS, "c1", Answers.NO_POLICY)));
        tick();

        assertThat(orders.settings()).isEqualTo(before);
        assertThat(ServicePolicy.NONE.over(PolicySettings.DEFAULT)).isEqualTo(PolicySettings.DEFAULT);
    }

    private void limit(int requests) {
        harness.answer(clusterDelta("c1").addResources(cluster(ORDERS, "c1", maxRequests(requests))));
        tick();
    }

    private static dev.xdslb.xds.proto.Cluster maxRequests(int requests) {
        return dev.xdslb.xds.proto.Cluster.newBuilder()
                .setCircuitBreakers(CircuitBreakers.newBuilder()
                        .addThresholds(
                                CircuitBreakers.Thresholds.newBuilder().setMaxRequests(UInt32Value.of(requests))))
                .build();
    }

    private List<Lease> begin(int requests) {
        List<Lease> leases = new ArrayList<>();
        for (int i = 0; i < requests; i++) {
            leases.add(orders.lease(orders.picker().pick(RequestAttributes.NONE)));
        }
        return leases;
    }

    private long inFlight() {
        return orders.picker().plan().groups().stream()
                .flatMap(pool -> IntStream.range(0, pool.size()).mapToObj(pool::get))
                .mapToLong(candidate -> candidate.endpointLoad().inFlight())
                .sum();
    }

    private void tick() {
        for (int i = 0; i < 5; i++) {
            harness.executor.advance(ClusterRegistry.TICK);
            registry.tick();
        }
    }
}
