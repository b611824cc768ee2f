/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;

class KnownPropertiesTest {

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            xds-lb.control-plane.server.client-auth             | below xds-lb.control-plane.server: client-status, drain, max-connection-age,
            xds-lb.control-plane.gatewayapi.enbled              | below xds-lb.control-plane.gatewayapi: addresses, enabled, identities,
            xds-lb.control-plane.gateway-api.identities[0].name | below xds-lb.control-plane.gateway-api.identities[0]: gateway, san.
            xds-lb.control-plane.gateway-api.identities[1].san  | in the list of xds-lb.control-plane.gateway-api.identities[1].san: numbers from 0 on
            xds-lb.control-plane.port.of                        | below xds-lb.control-plane.port: nothing.
            xds-lb.control-plane.gateway                        | below xds-lb.control-plane: address, cluster-domain, clusters,
            """)
    void whatIsExpected(String name, String expected) {
        assertThat(KnownProperties.expectedFor(ConfigurationPropertyName.of(name)))
                .startsWith("Expected " + expected);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "XDS_LB_CONTROL_PLANE_SOURCE",
                "XDSLB_CONTROLPLANE_GATEWAYAPI_IDENTITIES_0_GATEWAY",
                "XDS_LB_CONTROL_PLANE_GATEWAY_API_IDENTITIES_12_SAN",
                "XDSLB_CONTROLPLANE_SERVER_SSL_CLIENTAUTH",
                "XDSLB_CONTROLPLANE_NAMESPACES",
                "XDSLB_CONTROLPLANE_NAMESPACES_0",
                "XDSLB_CONTROLPLANE_CLUSTERS_0_MANIFESTS_DIRECTORY",
                "XDSLB_NAMESPACE",
                "PATH"
            })
    void variablesThatAreKnown_orMeantForOthers(String name) {
        assertThat(KnownProperties.unknownVariables(List.of(name))).isEmpty();
    }

    @Test
    void variablesThatAreNot() {
        List<String> unknown =
                List.of("XDSLB_CONTROLPLANE_SERVER_CLIENTAUTH", "XDS_LB_CONTROL_PLANE_GATEWAY_API_ENBLED");

        assertThat(KnownProperties.unknownVariables(unknown)).hasSameElementsAs(unknown);
    }
}
