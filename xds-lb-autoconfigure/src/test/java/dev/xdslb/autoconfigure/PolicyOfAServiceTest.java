/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import dev.xdslb.FakeEndpointSource;
import dev.xdslb.cluster.Cluster;
import dev.xdslb.cluster.ClusterRegistry;
import dev.xdslb.cluster.ClusterSettings;
import dev.xdslb.cluster.FailureStatuses;
import dev.xdslb.cluster.RetryBudgetSettings;
import dev.xdslb.cluster.ServicePolicy;
import dev.xdslb.cluster.SubsetSettings.IfNoneMatches;
import dev.xdslb.endpoint.Endpoint;
import dev.xdslb.load.Outcome;
import dev.xdslb.policy.Candidate;
import dev.xdslb.policy.EndpointsPerClient;
import dev.xdslb.policy.PolicySettings;
import dev.xdslb.strategy.RequestAttributes;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

/** What a Service says of how to balance over it: below application.yml, above the defaults, and live. */
@ExtendWith(OutputCaptureExtension.class)
class PolicyOfAServiceTest {
    private static final String ORDERS = "orders.shop";

    private static final ServicePolicy SAID = new ServicePolicy(
            "maglev",
            ServicePolicy.SlowStart.NONE,
            ServicePolicy.Ejection.NONE,
            ServicePolicy.Limits.NONE,
            ServicePolicy.Zones.NONE,
            new ServicePolicy.Hash("header:x-user", 2.0, null, 1009),
            new ServicePolicy.Subset("version", "header:x-version", IfNoneMatches.ANY, null),
            new ServicePolicy.RetryBudget(null, 0.5, 1, null),
            new ServicePolicy.ErrorBias(2.0, null),
            Duration.ofMillis(250),
            FailureStatuses.parse(List.of("500-599", "429")),
            null,
            0.2);

    private final FakeEndpointSource source = new FakeEndpointSource();

    @Test
    void everythingThatAServiceSays_isInForce_whereNobodyElseSaysIt() {
        TestContexts.fedBy(source).run(context -> {
            ClusterSettings settings = context.getBean(LiveClusters.class).settings(ORDERS, SAID);

            assertThat(settings.strategy().name()).isEqualTo("maglev");
            assertThat(settings.subset().label()).isEqualTo("version");
            assertThat(settings.subset().ifNoneMatches()).isEqualTo(IfNoneMatches.ANY);
            assertThat(settings.retryBudget()).isEqualTo(new RetryBudgetSettings(true, 0.5, 1, Duration.ofSeconds(10)));
            assertThat(settings.policy().errorBias().exponent()).isEqualTo(2);
            assertThat(settings.policy().errorBias().minShare()).isEqualTo(0.01);
            assertThat(settings.policy().avoidance()).hasMillis(250);
            assertThat(settings.policy().panicThreshold()).isEqualTo(0.2);
            assertThat(settings.failureStatuses().contains(429)).isTrue();
            assertThat(context.getBean(LiveClusters.class).settings(ORDERS, SAID))
                    .as("asked again, the same strategy and no new table")
                    .isEqualTo(settings);
            assertThat(context.getBean(LiveClusters.class).settings(ORDERS, ServicePolicy.NONE))
                    .as("taken back, the defaults")
                    .satisfies(without -> assertThat(without.policy()).isEqualTo(PolicySettings.DEFAULT))
                    .satisfies(without -> assertThat(without.subset()).isNull());
        });
    }

    @Test
    void whatIsWritten_winsValueByValue() {
        TestContexts.fedBy(source)
                .withPropertyValues(
                        "xds-lb.retry-budget.share=0.1",
                        "xds-lb.error-bias.min-share=0.3",
                        "xds-lb.panic-threshold=0.9",
                        "xds-lb.clients.orders.hash.balance-factor=3",
                        "xds-lb.clients.orders.failure-statuses=503",
                        "xds-lb.clients.orders.subset.from=header:x-shard")
                .run(context -> {
                    ClusterSettings orders = context.getBean(LiveClusters.class).settings(ORDERS, SAID);

                    assertThat(orders.retryBudget().share()).isEqualTo(0.1);
                    assertThat(orders.retryBudget().minPerSecond()).isEqualTo(1);
                    assertThat(orders.policy().errorBias().minShare()).isEqualTo(0.3);
                    assertThat(orders.policy().errorBias().exponent()).isEqualTo(2);
                    assertThat(orders.policy().panicThreshold()).isEqualTo(0.9);
                    assertThat(orders.failureStatuses()).hasToString("503");
                    assertThat(orders.subset().label())
                            .as("a subset is one thing")
                            .isEqualTo("shard");
                    assertThat(orders.strategy().name()).isEqualTo("maglev");
                    assertThat(orders.strategy())
                            .as("another factor is another strategy")
                            .isNotEqualTo(context.getBean(LiveClusters.class)
                                    .settings("stock.shop", SAID)
                                    .strategy());
                });
    }

    @Test
    void beanThatTheApplicationLacks_isSaidOnce_andTheRestCounts(CapturedOutput output) {
        TestContexts.fedBy(source).run(context -> {
            ServicePolicy policy = with(new ServicePolicy.Hash("bean:tenant", null, null, null), null);
            for (int i = 0; i < 3; i++) {
                ClusterSettings settings = context.getBean(LiveClusters.class).settings(ORDERS, policy);
                assertThat(settings.strategy().name()).isEqualTo("p2c-ewma");
                assertThat(settings.policy().avoidance()).hasMillis(250);
            }
        });
        assertThat(output.getAll().lines().filter(line -> line.contains("bean:tenant")))
                .hasSize(1);
    }

    /** Together they cannot be; where both are written, the application does not start. */
    @Test
    void partOfTheEndpoints_andAStrategyByKey_theOneThatIsWrittenStays() {
        ServicePolicy both = with(SAID.hash(), EndpointsPerClient.of(3));
        TestContexts.fedBy(source).run(context -> {
            ClusterSettings settings = context.getBean(LiveClusters.class).settings(ORDERS, both);
            assertThat(settings.strategy().name()).isEqualTo("maglev");
            assertThat(settings.policy().endpointsPerClient()).isEqualTo(EndpointsPerClient.ALL);
        });
        TestContexts.fedBy(source)
                .withPropertyValues("xds-lb.endpoints-per-client=5")
                .run(context -> {
                    ClusterSettings settings =
                            context.getBean(LiveClusters.class).settings(ORDERS, both);
                    assertThat(settings.strategy().name()).isEqualTo("p2c-ewma");
                    assertThat(settings.policy().endpointsPerClient()).isEqualTo(EndpointsPerClient.of(5));
                });
    }

    /** As many settings as somebody makes up: what is kept of them is bounded. */
    @Test
    void keysThatChangeAllTheTime_areServed() {
        TestContexts.fedBy(source).run(context -> {
            for (int i = 0; i < 1_100; i++) {
                ServicePolicy policy = with(new ServicePolicy.Hash("header:h" + i, null, null, 1009), null);
                assertThat(context.getBean(LiveClusters.class)
                                .settings(ORDERS, policy)
                                .strategy()
                                .name())
                        .isEqualTo("maglev");
            }
        });
    }

    @Test
    void changedAnnotation_changesThePicksOfARunningCluster_andKeepsWhoIsEjected() {
        Endpoint[] endpoints = {at("10.0.0.1"), at("10.0.0.2"), at("10.0.0.3"), at("10.0.0.4")};
        source.publish(ORDERS, endpoints);
        TestContexts.fedBy(source).run(context -> {
            Cluster cluster = context.getBean(ClusterRegistry.class).cluster(ORDERS);
            cluster.settled().toCompletableFuture().join();
            Candidate failing = cluster.picker().pick(RequestAttributes.NONE);
            for (int i = 0; i < 5; i++) {
                cluster.lease(failing).end(Outcome.FAILURE);
            }
            assertThat(picked(cluster, 200)).doesNotContain(address(failing)).hasSize(3);

            ServicePolicy byRing = with(new ServicePolicy.Hash("header:x-user", 0.0, null, null), null);
            source.say(ORDERS, byRing);
            assertThat(cluster.settings().strategy().name()).isEqualTo("maglev");
            assertThat(picked(cluster, 200))
                    .as("one key, one endpoint")
                    .hasSize(1)
                    .doesNotContain(address(failing));

            source.say(ORDERS, ServicePolicy.NONE);
            assertThat(cluster.settings().strategy().name()).isEqualTo("p2c-ewma");
            assertThat(picked(cluster, 200)).doesNotContain(address(failing)).hasSize(3);
        });
    }

    private static Set<String> picked(Cluster cluster, int picks) {
        Set<String> picked = new HashSet<>();
        for (int i = 0; i < picks; i++) {
            picked.add(address(cluster.picker().pick(new User("u1"))));
        }
        return picked;
    }

    private static String address(Candidate candidate) {
        return candidate.endpoint().address();
    }

    private static Endpoint at(String address) {
        return Endpoint.builder(address, 8080).build();
    }

    private static ServicePolicy with(ServicePolicy.Hash hash, @Nullable EndpointsPerClient endpointsPerClient) {
        return new ServicePolicy(
                "maglev",
                ServicePolicy.SlowStart.NONE,
                ServicePolicy.Ejection.NONE,
                ServicePolicy.Limits.NONE,
                ServicePolicy.Zones.NONE,
                hash,
                ServicePolicy.Subset.NONE,
                ServicePolicy.RetryBudget.NONE,
                ServicePolicy.ErrorBias.NONE,
                Duration.ofMillis(250),
                null,
                endpointsPerClient,
                null);
    }

    private record User(String name) implements RequestAttributes {
        @Override
        public @Nullable String header(String header) {
            return header.equals("x-user") ? name : null;
        }

        @Override
        public String path() {
            return "";
        }
    }
}
