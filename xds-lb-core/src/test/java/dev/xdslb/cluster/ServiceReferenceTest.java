/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ServiceReferenceTest {

    @ParameterizedTest
    @CsvSource({
        "orders, shop, orders.shop",
        "orders, '', orders",
        "orders:8080, shop, orders.shop:8080",
        "orders.billing, shop, orders.billing",
        "orders.billing:grpc, shop, orders.billing:grpc",
        "orders.billing.svc:80, shop, orders.billing:80",
        "orders.billing.svc.cluster.local, shop, orders.billing",
        "orders.billing.svc.cluster.local:80, shop, orders.billing:80",
        "orders.billing.svc.cluster.local., shop, orders.billing",
        "Orders.Billing:80, shop, orders.billing:80"
    })
    void everyWayToNameAService_leadsToItsResource(String text, String ownNamespace, String resource) {
        assertThat(ServiceReference.parse(text).inNamespace(ownNamespace).resource())
                .isEqualTo(resource);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", " ", ".", "orders..", ".shop", "orders:", "a.b.c", "orders/shop", "orders:80:90", "-orders"})
    void anythingElse_isRefusedWithTheFormsThatWork(String text) {
        assertThatThrownBy(() -> ServiceReference.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining('"' + text + '"')
                .hasMessageContaining("orders.shop:8080");
    }

    @Test
    void portOfTheReference_winsOverTheDefault() {
        assertThat(ServiceReference.parse("orders:8080").withPort("9090").port())
                .isEqualTo("8080");
        assertThat(ServiceReference.parse("orders").withPort("9090").resource()).isEqualTo("orders:9090");
    }

    @Test
    void authority_hasNoPort() {
        assertThat(ServiceReference.parse("orders.shop:grpc").authority()).isEqualTo("orders.shop");
        assertThat(ServiceReference.parse("orders").authority()).isEqualTo("orders");
    }
}
