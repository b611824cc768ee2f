/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.test.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.xdslb.test.spring.checkout.CheckoutApplication;
import dev.xdslb.test.spring.checkout.Orders;
import java.lang.reflect.Method;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;
import org.springframework.context.ApplicationContext;
import org.springframework.test.annotation.DirtiesContext.HierarchyMode;
import org.springframework.test.context.TestContextManager;
import org.springframework.util.ReflectionUtils;

/** What becomes of declared services where Spring keeps contexts, as it does for all test classes of a run. */
@Timeout(120)
class CachedContextsTest {
    private static final NamedServer ONE = new NamedServer("one");
    private static final NamedServer TWO = new NamedServer("two");
    private static NamedServer current = ONE;

    @BeforeEach
    void reset() {
        current = ONE;
    }

    @AfterAll
    static void stop() {
        ONE.close();
        TWO.close();
    }

    @Test
    void classesThatInheritTheSame_shareAContext() {
        assertThat(begin(FirstOfCurrent.class)).isSameAs(begin(SecondOfCurrent.class));
    }

    @Test
    void classesThatDeclareOthers_haveContextsOfTheirOwn() {
        assertThat(begin(FirstOfCurrent.class)).isNotSameAs(begin(OfTwo.class));
    }

    @Test
    void serverOnAnotherPort_isFoundInTheKeptContext() {
        ApplicationContext context = begin(FirstOfCurrent.class);
        assertThat(context.getBean(Orders.class).call()).isEqualTo("one");

        current = TWO;
        assertThat(begin(SecondOfCurrent.class)).isSameAs(context);
        assertThat(context.getBean(Orders.class).call()).isEqualTo("two");
    }

    @Test
    void whatOneTestChanges_theNextDoesNotSee() {
        ApplicationContext context = begin(FirstOfCurrent.class);
        DeclaredServices services = context.getBean(DeclaredServices.class);
        services.declare("orders");
        services.declare("payments", TWO);

        begin(SecondOfCurrent.class);

        assertThat(context.getBean(Orders.class).call()).isEqualTo("one");
        assertThatThrownBy(() -> context.getBean(Orders.class).call("payments"))
                .hasStackTraceContaining("does not declare \"payments.shop\"");
    }

    @Test
    void endpointThatATestHasMadeEject_isWellInTheNext() {
        try (NamedServer broken = new NamedServer("broken", 500)) {
            current = broken;
            ApplicationContext context = begin(FirstOfCurrent.class);
            DeclaredServices services = context.getBean(DeclaredServices.class);
            services.add("orders", TWO);
            for (int i = 0; i < 40; i++) {
                try {
                    context.getBean(Orders.class).call();
                } catch (RuntimeException e) {
                    assertThat(e).hasMessageContaining("500");
                }
            }
            assertThat(services.requests("orders")).haveEnded();
            assertThat(services.requests("orders").perEndpoint().get(0).sent())
                    .as("it was ejected")
                    .isLessThan(19);

            begin(SecondOfCurrent.class);

            services.add("orders", TWO);
            assertThat(services.requests("orders")).areNone();
            for (int i = 0; i < 4; i++) {
                try {
                    context.getBean(Orders.class).call();
                } catch (RuntimeException e) {
                    assertThat(e).hasMessageContaining("500");
                }
            }
            assertThat(services.requests("orders").perEndpoint())
                    .allSatisfy(one -> assertThat(one.sent()).isPositive());
        }
    }

    @Test
    void twoContextsBesideEachOther_haveTheirOwn() {
        Orders first = begin(FirstOfCurrent.class).getBean(Orders.class);
        Orders second = begin(OfTwo.class).getBean(Orders.class);

        List<CompletableFuture<Void>> callers = List.of(
                CompletableFuture.runAsync(() -> callAll(first, "one")),
                CompletableFuture.runAsync(() -> callAll(second, "two")));
        callers.forEach(CompletableFuture::join);
    }

    @Test
    void contextThatWasClosed_isStartedAgain() {
        TestContextManager manager = new TestContextManager(FirstOfCurrent.class);
        ApplicationContext before = begin(manager);
        manager.getTestContext().markApplicationContextDirty(HierarchyMode.EXHAUSTIVE);

        ApplicationContext after = begin(FirstOfCurrent.class);

        assertThat(after).isNotSameAs(before);
        assertThat(after.getBean(Orders.class).call()).isEqualTo("one");
    }

    private static void callAll(Orders orders, String expected) {
        for (int i = 0; i < 100; i++) {
            assertThat(orders.call()).isEqualTo(expected);
        }
    }

    private static ApplicationContext begin(Class<?> testClass) {
        return begin(new TestContextManager(testClass));
    }

    /** Does what JUnit does until the first test method is called. */
    private static ApplicationContext begin(TestContextManager manager) {
        Method method = ReflectionUtils.findMethod(Abstract.class, "test");
        try {
            Object instance = manager.getTestContext()
                    .getTestClass()
                    .getDeclaredConstructor()
                    .newInstance();
            manager.beforeTestClass();
            manager.prepareTestInstance(instance);
            manager.beforeTestMethod(instance, method);
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
        return manager.getTestContext().getApplicationContext();
    }

    @SpringBootTest(
            classes = CheckoutApplication.class,
            webEnvironment = WebEnvironment.NONE,
            properties = "xds-lb.strategy=round-robin") // nothing is left to chance
    abstract static class Abstract {
        void test() {}
    }

    abstract static class OfCurrent extends Abstract {
        @DeclaredService("orders")
        static NamedServer orders() {
            return current;
        }
    }

    static class FirstOfCurrent extends OfCurrent {}

    static class SecondOfCurrent extends OfCurrent {}

    static class OfTwo extends Abstract {
        @DeclaredService("orders")
        static final NamedServer ORDERS = TWO;
    }
}
