/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.endpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class EndpointTest {

    @Test
    void address_ofIpv6_isBracketed() {
        assertThat(Endpoint.builder("fd00::1", 8080).build().address()).isEqualTo("[fd00::1]:8080");
        assertThat(Endpoint.builder("10.0.0.1", 8080).build().address()).isEqualTo("10.0.0.1:8080");
    }

    @Test
    void podThatTookOverAnAddress_isAnotherEndpoint() {
        Endpoint before = Endpoint.builder("10.0.0.1", 8080).pod("a", "uid-1").build();
        Endpoint after = Endpoint.builder("10.0.0.1", 8080).pod("b", "uid-2").build();

        assertThat(after.key()).isNotEqualTo(before.key());
    }

    @Test
    void labels_cannotBeChangedFromOutside() {
        Map<String, String> labels = new HashMap<>(Map.of("version", "1"));
        Endpoint endpoint = Endpoint.builder("10.0.0.1", 8080).labels(labels).build();

        labels.put("version", "2");

        assertThat(endpoint.labels()).containsExactly(Map.entry("version", "1"));
    }

    @Test
    void valuesOutOfRange_areNamedWithTheirRange() {
        assertThatThrownBy(() -> Endpoint.builder("10.0.0.1", 0).build()).hasMessage("port: 0 (expected: 1 to 65535)");
        assertThatThrownBy(() -> Endpoint.builder("", 80).build()).hasMessageContaining("host: empty");
        assertThatThrownBy(() -> Endpoint.builder("10.0.0.1", 80).weight(0).build())
                .hasMessage("weight: 0 (expected: >= 1)");
        assertThatThrownBy(() -> Endpoint.builder("10.0.0.1", 80).priority(-1).build())
                .hasMessage("priority: -1 (expected: >= 0)");
    }

    @Test
    void snapshot_withAnAddressTwice_isRefused() {
        Endpoint one = Endpoint.builder("10.0.0.1", 80).pod("a", "uid-1").build();
        Endpoint other = Endpoint.builder("10.0.0.1", 80).pod("b", "uid-2").build();

        assertThatThrownBy(() -> new EndpointSnapshot("orders.shop:80", "v1", List.of(one, other)))
                .hasMessageContaining("10.0.0.1:80 twice");
    }

    @Test
    void onlyHealthyAndDegraded_receiveRequests() {
        assertThat(EndpointHealth.values())
                .filteredOn(EndpointHealth::receivesRequests)
                .containsExactly(EndpointHealth.HEALTHY, EndpointHealth.DEGRADED);
    }
}
