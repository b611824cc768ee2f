/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.test.spring;

import static org.assertj.core.api.Assertions.assertThat;

import dev.xdslb.test.spring.checkout.CheckoutApplication;
import dev.xdslb.test.spring.checkout.Orders;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;

/** Outside of Kubernetes nobody knows the application's namespace, and a test need not say it. */
@SpringBootTest(
        classes = CheckoutApplication.class,
        webEnvironment = WebEnvironment.NONE,
        properties = {"xds-lb.namespace=", "POD_NAMESPACE="})
@Timeout(120)
class UnknownNamespaceTest {
    @DeclaredService("orders")
    static final NamedServer ORDERS = new NamedServer("orders");

    @DeclaredService("payments.other")
    static final NamedServer PAYMENTS = new NamedServer("payments");

    @Autowired
    private Orders orders;

    @Autowired
    private DeclaredServices services;

    @AfterAll
    static void stop() {
        ORDERS.close();
        PAYMENTS.close();
    }

    @Test
    void namesAreTheSameForTestAndApplication() {
        assertThat(orders.call("orders")).isEqualTo("orders");
        assertThat(orders.call("orders:8080")).isEqualTo("orders");
        assertThat(orders.call("payments.other")).isEqualTo("payments");

        assertThat(services.requests("orders")).hasCount(2);
        assertThat(services.requests("payments.other")).hasCount(1);
    }
}
