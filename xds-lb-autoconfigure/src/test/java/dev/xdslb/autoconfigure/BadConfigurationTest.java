/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatException;

import dev.xdslb.FakeEndpointSource;
import dev.xdslb.policy.Pool;
import dev.xdslb.strategy.LoadBalancingStrategy;
import dev.xdslb.strategy.Picker;
import dev.xdslb.strategy.RequestKey;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.cloud.client.ServiceInstance;
import org.springframework.cloud.loadbalancer.annotation.LoadBalancerClient;
import org.springframework.cloud.loadbalancer.annotation.LoadBalancerClients;
import org.springframework.cloud.loadbalancer.core.RandomLoadBalancer;
import org.springframework.cloud.loadbalancer.core.ReactorLoadBalancer;
import org.springframework.cloud.loadbalancer.core.ReactorServiceInstanceLoadBalancer;
import org.springframework.cloud.loadbalancer.core.ServiceInstanceListSupplier;
import org.springframework.cloud.loadbalancer.support.LoadBalancerClientFactory;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** What an application that cannot work says when it is started. */
@ExtendWith(OutputCaptureExtension.class)
class BadConfigurationTest {

    @Test
    void unknownStrategy_namesTheKnownOnes() {
        failure("xds-lb.strategy=fastest")
                .describes("xds-lb.strategy is \"fastest\": there is no strategy of this name.")
                .advises("maglev, p2c-ewma, p2c-least-request, random, ring-hash, round-robin, weighted-random, "
                        + "weighted-round-robin");
    }

    @Test
    void unknownStrategyOfAClient_namesTheClient() {
        failure("xds-lb.clients.orders.strategy=fastest").describes("xds-lb.clients.orders.strategy is \"fastest\"");
    }

    @Test
    void twoStrategiesOfOneName_namesBoth() {
        failure(runner().withBean("mine", LoadBalancingStrategy.class, OwnRandom::new))
                .describes("Two load-balancing strategies are called \"random\"")
                .describes(OwnRandom.class.getName())
                .advises("name()");
    }

    @Test
    void twoIdsOfOneServiceThatDiffer_namesBoth() {
        String[] twice = {
            "xds-lb.namespace=shop",
            "xds-lb.clients.orders.strategy=random",
            "xds-lb.clients.carts.resource=orders.shop",
            "xds-lb.clients.carts.strategy=round-robin"
        };
        failure(twice)
                .describes(
                        "xds-lb.clients.orders and xds-lb.clients.carts both mean orders.shop, and are set differently")
                .advises("the same settings");
    }

    @Test
    void twoIdsOfOneServiceWithTheSameSettings_areFine() {
        TestContexts.application()
                .withPropertyValues(
                        "xds-lb.namespace=shop",
                        "xds-lb.clients.orders.strategy=random",
                        "xds-lb.clients.carts.resource=orders.shop",
                        "xds-lb.clients.carts.strategy=random")
                .run(context -> assertThat(context).hasNotFailed());
    }

    @Test
    void controlPlaneAddressWithoutPort_saysWhatIsExpected() {
        failure(TestContexts.application().withPropertyValues("xds-lb.control-plane.address=eds-control-plane"))
                .describes("xds-lb.control-plane.address is \"eds-control-plane\"")
                .advises("host:port");
    }

    @Test
    void numberOfEndpointsThatIsNone_saysWhatIsExpected() {
        failure("xds-lb.endpoints-per-client=some")
                .describes("xds-lb.endpoints-per-client is \"some\": it is no number of endpoints.")
                .advises("off, auto, or a number of 1 or more");
        failure("xds-lb.clients.orders.endpoints-per-client=0")
                .describes("xds-lb.clients.orders.endpoints-per-client is \"0\"");
    }

    @Test
    void partOfTheEndpoints_withAStrategyThatNeedsAll_namesBoth() {
        failure(
                        "xds-lb.endpoints-per-client=auto",
                        "xds-lb.clients.orders.strategy=ring-hash",
                        "xds-lb.clients.orders.hash.key=header:x-user")
                .describes(
                        "xds-lb.endpoints-per-client is \"auto\": it does not go together with the strategy ring-hash of"
                                + " xds-lb.clients.orders")
                .advises("Set xds-lb.clients.orders.endpoints-per-client to off")
                .advises("p2c-ewma");
        failure("xds-lb.clients.orders.endpoints-per-client=64", "xds-lb.strategy=maglev", "xds-lb.hash.key=path")
                .describes("xds-lb.clients.orders.endpoints-per-client is \"64\"")
                .describes("maglev");
    }

    @Test
    void partOfTheEndpoints_withAStrategyThatNeedsAll_isFineForAnotherService() {
        TestContexts.application()
                .withPropertyValues(
                        "xds-lb.endpoints-per-client=auto",
                        "xds-lb.clients.orders.strategy=ring-hash",
                        "xds-lb.clients.orders.hash.key=header:x-user",
                        "xds-lb.clients.orders.endpoints-per-client=false") // what YAML makes of off
                .run(context -> assertThat(context).hasNotFailed());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            ejection.consecutive-failures  | 0    | 0       | >= 1
            ejection.base-time             | 0s   | PT0S    | > 0
            ejection.max-time              | 10ms | PT0.01S | >= baseTime PT1S
            ejection.max-share             | 1.5  | 1.5     | 0 to 1
            ejection.probe-budget          | 0    | 0.0     | > 0 and <= 1
            ejection.probe-budget          | 1.1  | 1.1     | > 0 and <= 1
            slow-start.window              | -1s  | PT-1S   | >= 0
            slow-start.min-share           | 0    | 0.0     | > 0 and <= 1
            slow-start.aggression          | 0    | 0.0     | >= 0.0001 and finite
            error-bias.exponent            | -1   | -1.0    | >= 0 and finite
            error-bias.min-share           | 2    | 2.0     | > 0 and <= 1
            avoidance                      | -1s  | PT-1S   | >= 0
            zones.min-local-endpoints      | 0    | 0       | >= 1
            limits.max-in-flight-per-endpoint | -1 | -1     | 0 (no limit) to 1000000
            limits.max-in-flight           | -1   | -1      | >= 0, where 0 is no limit
            retry-budget.share             | 1.2  | 1.2     | 0 to 1, such as 0.2 for one retry to five requests
            retry-budget.min-per-second    | -1   | -1      | 0 to 1000000
            retry-budget.window            | 0s   | PT0S    | a second to ten minutes
            hash.balance-factor            | 1    | 1.0     | 0, or above 1 and at most 100
            hash.ring-size                 | 1000 | 1000    | 1024 to 8388608
            hash.table-size                | 65536 | 65536  | a prime number from 1009 to 5000011
            """)
    void valueOutOfRange_saysPropertyValueAndRange(String property, String given, String shown, String range) {
        for (String prefix : List.of("xds-lb.", "xds-lb.clients.orders.")) {
            failure(prefix + property + '=' + given)
                    .describes(prefix + property + " is \"" + shown + "\": it must be " + range + '.')
                    .advises("Give a value in this range");
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '^', textBlock = """
            from=shard                           | .from is "shard": it names nothing of a request.          | header:<name>
            from=bean:shards                     | .from is "bean:shards": there is no RequestKey bean       | Declare one
            label=gpu                            | .from is not set, though other properties of              | header:x-shard
            from=path,label=                     | .label is "": it must be "shard" or the name of a         | in this range
            from=path,if-none-matches=use        | .use-value is "": it must be a value of the label         | in this range
            from=path,if-none-matches=any,use-value=rest | .use-value is "rest": it must be absent, because ifNoneMatches is ANY. | in this range
            """)
    void subsetThatCannotWork_saysPropertyValueAndWhatIsExpected(String given, String description, String action) {
        String[] properties = Arrays.stream(given.split(","))
                .map(property -> "xds-lb.clients.orders.subset." + property)
                .toArray(String[]::new);
        failure(runner().withPropertyValues(properties))
                .describes("xds-lb.clients.orders.subset" + description)
                .advises(action);
    }

    @Test
    void clientsValueThatContradictsTheGeneralOne_isRefused() {
        failure("xds-lb.clients.orders.ejection.base-time=1m")
                .describes("xds-lb.clients.orders.ejection.max-time is \"PT30S\": it must be >= baseTime PT1M.");
    }

    @Test
    void valueOfAnotherKind_saysWhere(CapturedOutput output) {
        start("--xds-lb.slow-start.window=soon");
        assertThat(output).contains("APPLICATION FAILED TO START", "xds-lb.slow-start.window", "\"soon\"", "Duration");
    }

    @ParameterizedTest
    @CsvSource({
        "xds-lb.stategy, xds-lb.strategy",
        "xds-lb.ejection.max-shares, xds-lb.ejection.max-share",
        "xds-lb.clients.orders.stategy, xds-lb.clients.orders.strategy",
        "xds-lb.clients.orders.slow-start.windows, xds-lb.clients.orders.slow-start.window",
        "xds-lb.client.orders.strategy, xds-lb.clients.orders.strategy",
        "xds-lb.clients[orders.shop].stategy, xds-lb.clients.[orders.shop].strategy"
    })
    void misspeltProperty_isNamed_andTheOneThatWasMeant(String property, String meant, CapturedOutput output) {
        start("--" + property + "=1");
        assertThat(output).contains("Did you mean " + meant + "?");
        assertThat(output)
                .contains(
                        "APPLICATION FAILED TO START",
                        "Description:\n\n" + property + " (",
                        "is no property of xds-lb.");
    }

    @Test
    void hashingWithoutAKey_saysWhichPropertyToSet() {
        failure("xds-lb.strategy=ring-hash")
                .describes("xds-lb.strategy is \"ring-hash\": it needs a key by which requests are told apart.")
                .advises("Set xds-lb.hash.key, such as header:x-user.");
        failure("xds-lb.clients.orders.strategy=maglev")
                .describes("xds-lb.clients.orders.strategy is \"maglev\": it needs a key")
                .advises("Set xds-lb.clients.orders.hash.key or xds-lb.hash.key, such as header:x-user.");
    }

    @ParameterizedTest
    @ValueSource(strings = {"x-user", "header:", "header:x user", "metadata:trace-bin", "query:user"})
    void keyThatIsNone_saysWhatIsExpected(String key) {
        failure("xds-lb.clients.orders.hash.key=" + key)
                .describes("xds-lb.clients.orders.hash.key is \"" + key + "\": it names nothing of a request.")
                .advises("header:<name>");
    }

    @Test
    void keyOfABeanThatIsNotThere_namesThoseThatAre() {
        failure(runner().withBean("tenant", RequestKey.class, () -> request -> "")
                        .withPropertyValues("xds-lb.hash.key=bean:user"))
                .describes("xds-lb.hash.key is \"bean:user\": there is no RequestKey bean of this name.")
                .advises("Declare one, or use one of tenant.");
        failure("xds-lb.hash.key=bean:xdsLbServiceNames")
                .describes("there is no RequestKey bean of this name.")
                .advises("Declare one");
    }

    @Test
    void initialFetchTimeoutOfZero_isRefused() {
        failure("xds-lb.initial-fetch-timeout=0s").describes("xds-lb.initial-fetch-timeout");
    }

    @Test
    void staticEndpointWithoutPort_saysWhatIsExpected() {
        failure("xds-lb.clients.orders.endpoints=10.0.0.1")
                .describes("xds-lb.clients.orders.endpoints is \"10.0.0.1\"")
                .advises("10.0.0.7:8080");
    }

    @Test
    void ownServiceThatIsNoService_saysWhatIsExpected() {
        failure("xds-lb.own-service=http://checkout")
                .describes("xds-lb.own-service is \"http://checkout\"")
                .advises("service.namespace:port");
    }

    @Test
    void resourceThatIsNoService_saysWhatIsExpected() {
        failure("xds-lb.clients.orders.resource=http://orders")
                .describes("\"http://orders\"")
                .advises("xds-lb.clients.[orders].resource");
    }

    @Test
    void twoBalancersOfTheApplication_saysSoAtStart() {
        failure(runner().withUserConfiguration(TwoDefaults.class)
                        .withPropertyValues("xds-lb.clients.orders.enabled=true"))
                .describes("There are 2 load balancers for service \"orders\"")
                .describes("firstBalancer")
                .describes("secondBalancer")
                .advises("@LoadBalancerClients");
    }

    @Test
    void oneBalancerForAllAndOneForAService_isTwoBalancers() {
        failure(runner().withUserConfiguration(DefaultAndSpecific.class)
                        .withPropertyValues("xds-lb.clients.orders.enabled=true"))
                .describes("There are 2 load balancers for service \"orders\"");
    }

    @Test
    void twoBalancersInTheApplicationsContext_saysSoAtStart() {
        failure(runner().withUserConfiguration(First.class, Second.class))
                .describes("There are 2 load balancers in the application's own context");
    }

    @Test
    void balancerInTheApplicationsContext_winsAndIsWarnedOf(CapturedOutput output) {
        runner().withUserConfiguration(First.class)
                .withPropertyValues("xds-lb.clients.orders.enabled=true")
                .run(context -> {
                    assertThat(context).hasNotFailed();
                    assertThat(context.getBean(LoadBalancerClientFactory.class).getInstance("orders"))
                            .isInstanceOf(RandomLoadBalancer.class);
                });
        assertThat(output).contains("[firstBalancer]", "replaces xds-lb's load balancer for every service");
    }

    @Test
    void report_showsDescriptionAndAction(CapturedOutput output) {
        start("--xds-lb.strategy=fastest");
        assertThat(output)
                .contains(
                        "APPLICATION FAILED TO START", "Description:", "there is no strategy of this name", "Action:");
    }

    @Test
    void unknownProtocol_namesTheKnownOnes(CapturedOutput output) {
        start("--xds-lb.control-plane.protocol=rest");
        assertThat(output)
                .contains("APPLICATION FAILED TO START", "xds-lb.control-plane.protocol", "rest", "DELTA", "SOTW");
    }

    /** Starts an application as a user does, whose report of the failure is then in the output. */
    private static void start(String argument) {
        SpringApplication application = new SpringApplication(TestContexts.Application.class);
        application.setWebApplicationType(WebApplicationType.NONE);
        assertThatException()
                .isThrownBy(() -> application
                        .run(argument, "--xds-lb.namespace=shop", "--spring.cloud.discovery.enabled=false")
                        .close());
    }

    private static Analyzed failure(String... properties) {
        return failure(runner().withPropertyValues(properties));
    }

    private static Analyzed failure(ApplicationContextRunner runner) {
        Analyzed[] result = new Analyzed[1];
        runner.run(context -> {
            assertThat(context).hasFailed();
            result[0] = new Analyzed(new XdsLbConfigurationFailureAnalyzer().analyze(context.getStartupFailure()));
        });
        return result[0];
    }

    private static ApplicationContextRunner runner() {
        return TestContexts.fedBy(new FakeEndpointSource());
    }

    private record Analyzed(org.springframework.boot.diagnostics.FailureAnalysis analysis) {
        private Analyzed {
            Objects.requireNonNull(analysis, "the failure was not analysed");
        }

        Analyzed describes(String part) {
            assertThat(analysis.getDescription()).contains(part);
            return this;
        }

        Analyzed advises(String part) {
            assertThat(analysis.getAction()).contains(part);
            return this;
        }
    }

    private static final class OwnRandom implements LoadBalancingStrategy {
        @Override
        public String name() {
            return "random";
        }

        @Override
        public Picker picker(Pool pool) {
            return request -> pool.get(0);
        }
    }

    static class First {
        @Bean
        ReactorServiceInstanceLoadBalancer firstBalancer(LoadBalancerClientFactory factory) {
            return new RandomLoadBalancer(factory.getLazyProvider("any", ServiceInstanceListSupplier.class), "any");
        }
    }

    static class Second {
        @Bean
        ReactorLoadBalancer<ServiceInstance> secondBalancer(LoadBalancerClientFactory factory) {
            return new RandomLoadBalancer(factory.getLazyProvider("any", ServiceInstanceListSupplier.class), "any");
        }
    }

    @Configuration(proxyBeanMethods = false)
    @LoadBalancerClients(defaultConfiguration = {First.class, Second.class})
    static class TwoDefaults {}

    @Configuration(proxyBeanMethods = false)
    @LoadBalancerClients(
            value = @LoadBalancerClient(name = "orders", configuration = First.class),
            defaultConfiguration = Second.class)
    static class DefaultAndSpecific {}
}
