/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NearestPropertiesTest {

    @ParameterizedTest
    @CsvSource({
        "xds-lb.stategy, xds-lb.strategy",
        "xds-lb.name-space, xds-lb.namespace",
        "xds-lb.control-plane.adress, xds-lb.control-plane.address",
        "xds-lb.slowstart.windw, xds-lb.slow-start.window",
        "xds-lb.clients.orders.resourse, xds-lb.clients.orders.resource",
        "xds-lb.clients.[orders.shop].stategy, xds-lb.clients.[orders.shop].strategy",
        "xds-lb.clients[orders.shop].stategy, xds-lb.clients.[orders.shop].strategy",
        "xds-lb.client.orders.strategy, xds-lb.clients.orders.strategy",
        "xds-lb.client.orders.shop.strategy, xds-lb.clients.[orders.shop].strategy",
        "xds-lb.cleints.orders.stategy, xds-lb.clients.orders.strategy",
        "xds-lb.client[orders.shop].strategy, xds-lb.clients.[orders.shop].strategy",
        "xds-lb.client.strategy, xds-lb.clients.client.strategy"
    })
    void misspeltName_isCorrected(String unknown, String meant) {
        assertThat(NearestProperties.to(unknown)).contains(meant);
    }

    @ParameterizedTest
    @CsvSource({
        "xds-lb.address, xds-lb.control-plane.address",
        "xds-lb.consecutive-failures, xds-lb.ejection.consecutive-failures",
        "xds-lb.clients.orders.max-in-flight, xds-lb.clients.orders.limits.max-in-flight",
        "xds-lb.orders.strategy, xds-lb.clients.orders.strategy",
        "xds-lb.orders.shop.slow-start.window, xds-lb.clients.[orders.shop].slow-start.window",
        "xds-lb.resource, xds-lb.clients.<id>.resource",
        "xds-lb.subset.label, xds-lb.clients.<id>.subset.label",
        "xds-lb.clients.orders.namespace, xds-lb.namespace"
    })
    void nameInTheWrongPlace_isMoved(String unknown, String meant) {
        assertThat(NearestProperties.to(unknown)).contains(meant);
    }

    @ParameterizedTest
    @CsvSource({
        "xds-lb.clients.orders.shop.strategy, xds-lb.clients.[orders.shop].strategy",
        "xds-lb.clients.orders.shop.slow-start.window, xds-lb.clients.[orders.shop].slow-start.window"
    })
    void idWithADot_isBracketed(String unknown, String meant) {
        assertThat(NearestProperties.to(unknown)).contains(meant);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "xds-lb",
                "xds-lb.colour",
                "xds-lb.ejection.colour",
                "xds-lb.clients.orders.colour",
                "xds-lb.clients.[orders",
                "xds-lb.clients[orders",
                "xds-lb.clients[orders.shop].colour",
                "xds-lb.client.orders.colour",
                "xds-lb.clients.orders.",
                "xds-lb.clients.orders"
            })
    void nameThatResemblesNone_isLeftAlone(String unknown) {
        assertThat(NearestProperties.to(unknown)).isEmpty();
    }
}
