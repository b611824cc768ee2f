/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.test.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.xdslb.cluster.ClusterRegistry;
import dev.xdslb.cluster.ClusterSettings;
import dev.xdslb.strategy.RandomChoice;
import dev.xdslb.test.DeclaredEndpoints;
import dev.xdslb.test.spring.checkout.CheckoutApplication;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;
import org.springframework.boot.test.context.TestConfiguration;
import org.springframework.boot.webmvc.test.autoconfigure.WebMvcTest;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;
import org.springframework.test.context.ContextConfiguration;
import org.springframework.test.context.TestContextManager;
import org.springframework.util.ReflectionUtils;

/** Declarations that have no effect, or cannot have the one that is meant, say so. */
@Timeout(120)
class MisuseTest {

    @Test
    void whereXdsLbIsSwitchedOff() {
        assertThatThrownBy(() -> begin(SwitchedOff.class))
                .hasMessage(
                        "the test declares services, but xds-lb.enabled=false in this context: set xds-lb.enabled=true in the"
                                + " test's properties");
    }

    @Test
    void whereXdsLbIsSwitchedOff_andNothingIsDeclared_nobodyComplainsBeforeItIsUsed() throws Exception {
        TestContextManager manager = begin(SwitchedOffWithoutDeclarations.class);

        DeclaredServices services =
                manager.getTestContext().getApplicationContext().getBean(DeclaredServices.class);
        assertThatThrownBy(() -> services.declare("orders", 8080)).hasMessageContaining("xds-lb.enabled=false");
    }

    @Test
    void inASliceWithoutXdsLb() {
        assertThatThrownBy(() -> begin(Slice.class)).hasMessageContaining("add @AutoConfigureXdsLb to the test class");
    }

    @Test
    void whereTheApplicationHasARegistryOfItsOwn() {
        assertThatThrownBy(() -> begin(OwnRegistry.class))
                .hasMessageContaining("the application's ClusterRegistry has another source, the test's endpoints");
    }

    @Test
    void fieldThatIsNotStatic() {
        assertThatThrownBy(() -> begin(InstanceField.class))
                .hasStackTraceContaining("@DeclaredService(\"orders\") InstanceField.server must be static");
    }

    @Test
    void methodWithParameters() {
        assertThatThrownBy(() -> begin(Parameters.class))
                .hasStackTraceContaining("@DeclaredService(\"orders\") Parameters.port() must have no parameters");
    }

    @Test
    void addressesOnAField() {
        assertThatThrownBy(() -> begin(AddressesOnField.class)).hasStackTraceContaining("give them on a class");
    }

    @Test
    void fieldThatIsStillNull() {
        assertThatThrownBy(() -> begin(NullField.class))
                .hasMessage("@DeclaredService(\"orders\") NullField.server is null");
    }

    @Test
    void methodThatFails() {
        assertThatThrownBy(() -> begin(FailingMethod.class))
                .hasMessageStartingWith(
                        "@DeclaredService(\"orders\") FailingMethod.port() failed: java.lang.NullPointerException");
    }

    @Test
    void thingWithoutAPort() {
        assertThatThrownBy(() -> begin(NoPort.class))
                .hasStackTraceContaining(
                        "@DeclaredService(\"orders\") NoPort.thing is a java.lang.Object, which does not tell its port");
    }

    @Test
    void placeholderThatNobodyResolves() {
        assertThatThrownBy(() -> begin(Placeholder.class)).hasMessageContaining("no.such.port");
    }

    @Test
    void oneAddressTwice() {
        assertThatThrownBy(() -> begin(Twice.class))
                .hasStackTraceContaining("the test declares \"orders.shop\" at 127.0.0.1:8081 twice");
    }

    private static TestContextManager begin(Class<?> testClass) throws Exception {
        TestContextManager manager = new TestContextManager(testClass);
        Object instance = testClass.getDeclaredConstructor().newInstance();
        manager.beforeTestClass();
        manager.prepareTestInstance(instance);
        manager.beforeTestMethod(instance, ReflectionUtils.findMethod(Object.class, "toString"));
        assertThat(manager.getTestContext().hasApplicationContext()).isTrue();
        return manager;
    }

    @SpringBootTest(
            classes = CheckoutApplication.class,
            webEnvironment = WebEnvironment.NONE,
            properties = "xds-lb.enabled=false")
    @DeclaredService(value = "orders", endpoints = "127.0.0.1:8081")
    static class SwitchedOff {}

    @SpringBootTest(
            classes = CheckoutApplication.class,
            webEnvironment = WebEnvironment.NONE,
            properties = "xds-lb.enabled=false")
    @AutoConfigureXdsLb
    static class SwitchedOffWithoutDeclarations {}

    @WebMvcTest
    @ContextConfiguration(classes = NoBeans.class)
    @DeclaredService(value = "orders", endpoints = "127.0.0.1:8081")
    static class Slice {}

    static class NoBeans {}

    @SpringBootTest(classes = CheckoutApplication.class, webEnvironment = WebEnvironment.NONE)
    abstract static class Whole {}

    @Import(OwnRegistry.Registry.class)
    @DeclaredService(value = "orders", endpoints = "127.0.0.1:8081")
    static class OwnRegistry extends Whole {
        @TestConfiguration(proxyBeanMethods = false)
        static class Registry {
            @Bean
            ClusterRegistry registry() {
                return new ClusterRegistry(new DeclaredEndpoints(), resource -> ClusterSettings.of(new RandomChoice()));
            }
        }
    }

    static class InstanceField extends Whole {
        @DeclaredService("orders")
        final int server = 8080;
    }

    static class Parameters extends Whole {
        @DeclaredService("orders")
        static int port(String of) {
            return of.length();
        }
    }

    static class AddressesOnField extends Whole {
        @DeclaredService(value = "orders", endpoints = "127.0.0.1:8081")
        static int server = 8080;
    }

    static class NullField extends Whole {
        @DeclaredService("orders")
        static NamedServer server;
    }

    static class FailingMethod extends Whole {
        @DeclaredService("orders")
        static int port() {
            return NullField.server.port();
        }
    }

    static class NoPort extends Whole {
        @DeclaredService("orders")
        static Object thing = new Object();
    }

    @DeclaredService(value = "orders", endpoints = "127.0.0.1:${no.such.port}")
    static class Placeholder extends Whole {}

    @DeclaredService(value = "orders", endpoints = "127.0.0.1:8081")
    @DeclaredService(value = "orders.shop", endpoints = "127.0.0.1:8081")
    static class Twice extends Whole {}
}
