/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import dev.xdslb.FakeEndpointSource;
import dev.xdslb.policy.Pool;
import dev.xdslb.strategy.LoadBalancingStrategy;
import dev.xdslb.strategy.Picker;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
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
                .advises("p2c-ewma, p2c-least-request, random, round-robin, weighted-random, weighted-round-robin");
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
    void controlPlaneAddressWithoutPort_saysWhatIsExpected() {
        failure(TestContexts.application().withPropertyValues("xds-lb.control-plane.address=eds-control-plane"))
                .describes("xds-lb.control-plane.address is \"eds-control-plane\"")
                .advises("host:port");
    }

    @Test
    void ejectionOutOfRange_saysTheRange() {
        failure("xds-lb.ejection.max-share=1.5").describes("maxShare: 1.5 (expected: 0 to 1)");
        failure("xds-lb.clients.orders.ejection.consecutive-failures=0")
                .describes("xds-lb.clients.orders.ejection")
                .describes("consecutiveFailures: 0 (expected: >= 1)");
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
        SpringApplication application = new SpringApplication(TestContexts.Application.class);
        application.setWebApplicationType(WebApplicationType.NONE);
        Throwable failure = org.assertj.core.api.Assertions.catchThrowable(
                () -> application.run("--xds-lb.strategy=fastest").close());
        assertThat(failure).isNotNull();
        assertThat(output)
                .contains(
                        "APPLICATION FAILED TO START", "Description:", "there is no strategy of this name", "Action:");
    }

    @Test
    void unknownProtocol_namesTheKnownOnes(CapturedOutput output) {
        SpringApplication application = new SpringApplication(TestContexts.Application.class);
        application.setWebApplicationType(WebApplicationType.NONE);
        Throwable failure = org.assertj.core.api.Assertions.catchThrowable(
                () -> application.run("--xds-lb.control-plane.protocol=rest").close());
        assertThat(failure).isNotNull();
        assertThat(output)
                .contains("APPLICATION FAILED TO START", "xds-lb.control-plane.protocol", "rest", "DELTA", "SOTW");
    }

    private static Analyzed failure(String property) {
        return failure(runner().withPropertyValues(property));
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
