/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.test.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.xdslb.test.spring.checkout.CheckoutApplication;
import dev.xdslb.test.spring.checkout.Orders;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;

/** What {@code docs/testing.md} shows: an application is tested without a control plane. */
@SpringBootTest(
        classes = CheckoutApplication.class,
        webEnvironment = WebEnvironment.NONE,
        properties = "xds-lb.strategy=round-robin")
@Timeout(120)
class CheckoutTest {
    @DeclaredService("orders")
    static final NamedServer FIRST = new NamedServer("first");

    @DeclaredService("orders")
    static final NamedServer SECOND = new NamedServer("second");

    private static final NamedServer THIRD = new NamedServer("third");

    @Autowired
    private Orders orders;

    @Autowired
    private DeclaredServices services;

    @AfterAll
    static void stop() {
        FIRST.close();
        SECOND.close();
        THIRD.close();
    }

    @Test
    void requests_goToBoth() {
        for (int i = 0; i < 50; i++) {
            orders.call();
            orders.callReactively();
        }

        assertThat(services.requests("orders"))
                .hasCount(100)
                .haveSucceeded()
                .haveEnded()
                .areSpreadEvenly(0.1)
                .wentOnlyTo(FIRST.address(), SECOND.address());
    }

    @Test
    void whenOneIsNotReady_requestsGoToTheOther() {
        services.unready("orders", FIRST);

        for (int i = 0; i < 10; i++) {
            assertThat(orders.call()).isEqualTo("second");
        }

        assertThat(services.requests("orders")).haveEnded().neverWentTo(FIRST.address());
        services.ready("orders", FIRST);
        services.unready("orders", SECOND);
        assertThat(orders.call()).isEqualTo("first");
    }

    @Test
    void endpointThatIsAdded_getsRequests_andTheRemovedOnesNone() {
        services.add("orders", THIRD);
        services.remove("orders", FIRST, SECOND);

        assertThat(orders.call()).isEqualTo("third");
        assertThat(orders.callReactively()).isEqualTo("third");

        assertThat(services.requests("orders")).wentTo(THIRD.address(), 2).wentOnlyTo(THIRD.address());
    }

    @Test
    void withoutEndpoints_thereIsNobodyToAsk() {
        services.declare("orders");

        assertThatThrownBy(() -> orders.call()).hasMessageContaining("orders");
        assertThat(services.requests("orders")).areNone();
    }

    @Test
    void serviceThatNobodyDeclared_isNamedInTheError_withThoseThatAreDeclared() {
        assertThatThrownBy(() -> orders.call("inventory"))
                .hasStackTraceContaining("the test does not declare \"inventory.shop\" (declared: orders.shop)");

        services.withdraw("orders");
        assertThatThrownBy(() -> orders.call())
                .hasStackTraceContaining("the test does not declare \"orders.shop\" (declared: none)");
    }

    @Test
    void requestsBeforeAndAfterAChange_areAllCounted() {
        services.declare("orders", FIRST);
        orders.call();
        services.declare("orders", SECOND);
        orders.call();

        assertThat(services.requests("orders"))
                .hasCount(2)
                .wentTo(FIRST.address(), 1)
                .wentTo(SECOND.address(), 1)
                .hasShare(FIRST.address(), 0.5, 0);
    }

    @Test
    void requestsThatAreRefused_areCountedToo() {
        services.add("orders", 1); // nobody listens there
        for (int i = 0; i < 20; i++) {
            try {
                orders.call();
            } catch (RuntimeException e) { // refused
                assertThat(e).hasStackTraceContaining("onnect");
            }
        }
        assertThat(services.requests("orders")).haveEnded().hasCount(20);
    }
}
