/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.resource;

import static org.assertj.core.api.Assertions.assertThat;

import dev.xdslb.controlplane.topology.ServiceKey;
import dev.xdslb.controlplane.topology.ServicePort;
import dev.xdslb.controlplane.topology.ServiceView;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NearestNamesTest {

    @ParameterizedTest
    @CsvSource({"orders,orders,0", "ordrs,orders,1", "oredrs,orders,2", "order,orders,1", "'',abc,3", "kitten,sitting,3"
    })
    void distanceCountsLettersToChange(String a, String b, int distance) {
        assertThat(NearestNames.distance(a, b, 10)).isEqualTo(distance);
        assertThat(NearestNames.distance(b, a, 10)).isEqualTo(distance);
    }

    @Test
    void distanceAboveTheLimit_isOnlyKnownToBeAbove() {
        assertThat(NearestNames.distance("orders", "payments", 2)).isGreaterThan(2);
        assertThat(NearestNames.distance("a", "abcdef", 2)).isGreaterThan(2);
    }

    @Test
    void nearerNamesComeFirst_thenThoseOfTheSameNamespace() {
        assertThat(nearest("orders", "order.shop", "orders.b", "orders.a", "carts.shop"))
                .containsExactly("orders.a:80", "orders.b:80", "order.shop:80");
    }

    @Test
    void nothingNear_isNothing() {
        assertThat(nearest("orders", "carts.shop", "payments.shop")).isEmpty();
    }

    private static List<String> nearest(String name, String... known) {
        return NearestNames.of(
                new ServiceKey("shop", name),
                Stream.of(known).map(NearestNamesTest::service).toList());
    }

    private static ServiceView service(String name) {
        int dot = name.indexOf('.');
        return new ServiceView(
                new ServiceKey(name.substring(dot + 1), name.substring(0, dot)),
                "",
                List.of(new ServiceView.PortView(new ServicePort("", 80, false), List.of())));
    }
}
