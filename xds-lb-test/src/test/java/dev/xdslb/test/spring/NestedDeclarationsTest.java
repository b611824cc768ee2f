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
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;
import org.springframework.context.ApplicationContext;

/** Nested classes have what the class around them declares. */
@SpringBootTest(classes = CheckoutApplication.class, webEnvironment = WebEnvironment.NONE)
@Timeout(120)
class NestedDeclarationsTest {
    @DeclaredService("orders")
    static final NamedServer ORDERS = new NamedServer("orders");

    private static final NamedServer PAYMENTS = new NamedServer("payments");
    private static ApplicationContext outer;

    @Autowired
    private ApplicationContext context;

    @Autowired
    private Orders orders;

    @AfterAll
    static void stop() {
        ORDERS.close();
        PAYMENTS.close();
    }

    @Test
    void outerClass_hasItsOwn() {
        outer = context;
        assertThat(orders.call()).isEqualTo("orders");
    }

    @Nested
    class WithoutItsOwn {
        @Test
        void hasTheOuters_inTheSameContext() {
            assertThat(orders.call()).isEqualTo("orders");
            assertThat(context).isSameAs(outer);
            assertThatThrownBy(() -> orders.call("payments")).hasStackTraceContaining("declared: orders.shop");
        }
    }

    @Nested
    @DeclaredService(
            value = "nobody",
            endpoints = {})
    class WithMore {
        @DeclaredService("payments")
        static NamedServer payments() {
            return PAYMENTS;
        }

        @Test
        void hasBoth_inAContextOfItsOwn() {
            assertThat(orders.call()).isEqualTo("orders");
            assertThat(orders.call("payments")).isEqualTo("payments");
            assertThat(context).isNotSameAs(outer);
            assertThatThrownBy(() -> orders.call("nobody")).hasStackTraceContaining("scaled to zero");
        }
    }
}
