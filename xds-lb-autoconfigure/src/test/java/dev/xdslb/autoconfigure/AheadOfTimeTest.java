/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.xdslb.http.feign.CountedFeignClient;
import dev.xdslb.observe.XdsLbEndpoint;
import dev.xdslb.springcloud.PickedServiceInstance;
import dev.xdslb.springcloud.XdsLoadBalancer;
import dev.xdslb.xds.proto.ClusterLoadAssignment;
import dev.xdslb.xds.proto.DeltaDiscoveryResponse;
import dev.xdslb.xds.proto.Node;
import feign.Client;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.springframework.aot.AotDetector;
import org.springframework.aot.hint.MemberCategory;
import org.springframework.aot.hint.RuntimeHints;
import org.springframework.aot.hint.RuntimeHintsRegistrar;
import org.springframework.aot.hint.TypeReference;
import org.springframework.aot.hint.annotation.ReflectiveRuntimeHintsRegistrar;
import org.springframework.aot.hint.predicate.RuntimeHintsPredicates;
import org.springframework.aot.test.generate.TestGenerationContext;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.cloud.client.ServiceInstance;
import org.springframework.cloud.client.loadbalancer.LoadBalancerClient;
import org.springframework.cloud.loadbalancer.core.RoundRobinLoadBalancer;
import org.springframework.cloud.loadbalancer.support.LoadBalancerClientFactory;
import org.springframework.context.ApplicationContextInitializer;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.aot.ApplicationContextAotGenerator;
import org.springframework.context.support.GenericApplicationContext;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.io.support.SpringFactoriesLoader;
import org.springframework.core.test.tools.CompileWithForkedClassLoader;
import org.springframework.core.test.tools.TestCompiler;
import org.springframework.javapoet.ClassName;

/** An application that was processed ahead of time: what is generated compiles, starts and balances. */
@CompileWithForkedClassLoader // what is generated is in the packages of what it makes
class AheadOfTimeTest {
    private static final Map<String, Object> ENDPOINTS = Map.of(
            "spring.cloud.discovery.enabled", "false",
            "xds-lb.namespace", "shop",
            "xds-lb.control-plane.address", "127.0.0.1:9",
            "xds-lb.initial-fetch-timeout", "1ms",
            "xds-lb.clients.orders.endpoints", "10.0.0.1:8080",
            "xds-lb.clients.billing.endpoints", "10.0.0.2:8080",
            "spring.cloud.loadbalancer.eager-load.clients", "orders");

    @Test
    void configuredServices_areBalanced() {
        run(ENDPOINTS, ENDPOINTS, context -> {
            LoadBalancerClient client = context.getBean(LoadBalancerClient.class);
            ServiceInstance orders = client.choose("orders");
            assertThat(orders.getHost()).isEqualTo("10.0.0.1");
            assertThat(PickedServiceInstance.in(orders)).isNotNull();
            assertThat(client.choose("billing").getHost()).isEqualTo("10.0.0.2");
            assertThat(context.getBean(LoadBalancerClientFactory.class).getInstance("named-by-nobody"))
                    .isInstanceOf(XdsLoadBalancer.class);
        });
    }

    @Test
    void serviceThatIsSwitchedOffAtRunTime_isSaidToNeedPreparation() {
        Map<String, Object> later = new HashMap<>(ENDPOINTS);
        later.put("xds-lb.clients.billing.enabled", "false");
        run(
                ENDPOINTS,
                later,
                context -> assertThatThrownBy(() ->
                                context.getBean(LoadBalancerClientFactory.class).getInstance("billing"))
                        .hasMessageContaining("\"billing\"")
                        .hasMessageContaining("spring.cloud.loadbalancer.eager-load.clients"));
    }

    @Test
    void serviceThatIsSwitchedOffWhenItIsBuilt_isLeftToSpringCloud() {
        Map<String, Object> off = new HashMap<>(ENDPOINTS);
        off.put("xds-lb.clients.orders.enabled", "false");
        off.put("spring.cloud.discovery.enabled", "true");
        run(
                off,
                off,
                context -> assertThat(
                                context.getBean(LoadBalancerClientFactory.class).getInstance("orders"))
                        .isInstanceOf(RoundRobinLoadBalancer.class));
    }

    @Test
    void messagesOfXds_areReflectedOn() {
        RuntimeHints hints = new RuntimeHints();
        new XdsLbRuntimeHints().registerHints(hints, getClass().getClassLoader());
        for (Class<?> type : new Class<?>[] {
            ClusterLoadAssignment.class,
            ClusterLoadAssignment.Builder.class,
            DeltaDiscoveryResponse.class,
            Node.Locality.class
        }) {
            assertThat(RuntimeHintsPredicates.reflection()
                            .onType(type)
                            .withMemberCategory(MemberCategory.INVOKE_PUBLIC_METHODS))
                    .as(type.getName())
                    .accepts(hints);
        }
        assertThat(hints.reflection().typeHints())
                .as("every name is a class")
                .allSatisfy(hint ->
                        assertThat(Class.forName(hint.getType().getName())).isNotNull());
    }

    /** Spring Boot finds analyzers by their names in a file, the actuator an operation, Jackson what it returns, Feign a capability. */
    @Test
    void whatIsFoundByItsName_isReflectedOn() throws Exception {
        RuntimeHints hints = new RuntimeHints();
        ClassLoader classes = getClass().getClassLoader();
        SpringFactoriesLoader.forResourceLocation("META-INF/spring/aot.factories", classes)
                .load(RuntimeHintsRegistrar.class)
                .forEach(registrar -> registrar.registerHints(hints, classes));
        new ReflectiveRuntimeHintsRegistrar()
                .registerRuntimeHints(hints, CountedFeignClient.class, XdsLbEndpoint.class);
        for (Class<?> analyzer :
                new Class<?>[] {XdsLbConfigurationFailureAnalyzer.class, XdsLbUnknownPropertyFailureAnalyzer.class}) {
            assertThat(RuntimeHintsPredicates.reflection().onConstructorInvocation(analyzer.getDeclaredConstructor()))
                    .as(analyzer.getName())
                    .accepts(hints);
        }
        assertThat(RuntimeHintsPredicates.reflection()
                        .onMethodInvocation(CountedFeignClient.class.getMethod("enrich", Client.class)))
                .accepts(hints);
        for (String method : new String[] {"overview", "cluster", "about"}) {
            assertThat(RuntimeHintsPredicates.reflection()
                            .onMethodInvocation(Stream.of(XdsLbEndpoint.class.getDeclaredMethods())
                                    .filter(one -> one.getName().equals(method))
                                    .findFirst()
                                    .orElseThrow()))
                    .as(method)
                    .accepts(hints);
        }
        for (String returned : new String[] {
            "ClusterReport", "EndpointReport", "ExplainedPick", "XdsLbEndpoint$Unknown", "XdsLbEndpoint$Overview$Line"
        }) {
            assertThat(RuntimeHintsPredicates.reflection().onType(TypeReference.of("dev.xdslb.observe." + returned)))
                    .as(returned)
                    .accepts(hints);
        }
    }

    @Test
    void properties_areReflectedOn() {
        TestGenerationContext generated = new TestGenerationContext();
        AnnotationConfigApplicationContext application = new AnnotationConfigApplicationContext();
        configure(application, ENDPOINTS);
        application.register(Application.class);
        new ApplicationContextAotGenerator().processAheadOfTime(application, generated);
        application.close();
        for (Class<?> type : new Class<?>[] {XdsLbProperties.class, XdsLbProperties.Client.class}) {
            assertThat(type.getDeclaredConstructors())
                    .as(type.getName())
                    .anyMatch(constructor -> RuntimeHintsPredicates.reflection()
                            .onConstructorInvocation(constructor)
                            .test(generated.getRuntimeHints()));
        }
    }

    private static void run(
            Map<String, Object> whenBuilt, Map<String, Object> whenRun, Consumer<ConfigurableApplicationContext> test) {
        TestGenerationContext generated = new TestGenerationContext();
        AnnotationConfigApplicationContext application = new AnnotationConfigApplicationContext();
        configure(application, whenBuilt);
        application.register(Application.class);
        ClassName initializer = new ApplicationContextAotGenerator().processAheadOfTime(application, generated);
        application.close();
        generated.writeGeneratedContent();
        TestCompiler.forSystem().with(generated).compile(compiled -> {
            System.setProperty(AotDetector.AOT_ENABLED, "true");
            try (GenericApplicationContext context = new GenericApplicationContext()) {
                configure(context, whenRun);
                initializer(compiled.getInstance(ApplicationContextInitializer.class, initializer.canonicalName()))
                        .initialize(context);
                context.refresh();
                test.accept(context);
            } finally {
                System.clearProperty(AotDetector.AOT_ENABLED);
            }
        });
    }

    @SuppressWarnings("unchecked") // it was generated for a context like this
    private static ApplicationContextInitializer<GenericApplicationContext> initializer(
            ApplicationContextInitializer<?> generated) {
        return (ApplicationContextInitializer<GenericApplicationContext>) generated;
    }

    private static void configure(GenericApplicationContext context, Map<String, Object> properties) {
        context.getEnvironment().getPropertySources().addFirst(new MapPropertySource("test", properties));
        ConfigurationPropertySources.attach(context.getEnvironment());
    }

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class Application {}
}
