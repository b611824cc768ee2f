/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.xds;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class XdsClientSettingsTest {

    @ParameterizedTest
    @ValueSource(strings = {"eds-control-plane.xds-lb:18000", "localhost:1", "10.0.0.1:65535", "[fd00::1]:18000"})
    void takesAHostAndAPort(String address) {
        assertThat(builder(address).build().address()).isEqualTo(address);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "localhost",
                "localhost:",
                ":18000",
                "localhost:65536",
                "http://localhost:80",
                "fd00::1:18000",
                "a b:1"
            })
    void refusesWhatIsNoAddressAndShowsOne(String address) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder(address).build())
                .withMessage("address: \"" + address
                        + "\" (expected: host:port, such as eds-control-plane.xds-lb:18000 or [::1]:18000)");
    }

    @Test
    void deadPeerIsNoticedWithin40Seconds() {
        XdsClientSettings settings = builder("localhost:1").build();

        assertThat(settings.keepAliveTime().plus(settings.keepAliveTimeout()))
                .isLessThanOrEqualTo(Duration.ofSeconds(40));
    }

    @Test
    void refusesDurationsOutOfRange() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder("localhost:1")
                        .backOff(Duration.ofSeconds(2), Duration.ofSeconds(1))
                        .build())
                .withMessage("maxBackOff: PT1S (expected: >= initialBackOff, PT2S)");
        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        builder("localhost:1").answerTimeout(Duration.ZERO).build())
                .withMessage("answerTimeout: PT0S (expected: > 0)");
    }

    @Test
    void refusesANodeWithoutAnId() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new XdsNode("", "orders", "", "", ""))
                .withMessage("id: empty (expected: a text that is unique per process)");
    }

    @Test
    void everyNodeOfAProcessHasAnIdOfItsOwn() {
        XdsNode first = XdsNode.ofThisProcess("orders", "shop", "orders-5d9f", "");
        XdsNode second = XdsNode.ofThisProcess("orders", "shop", "orders-5d9f", "");

        assertThat(first.id()).startsWith("orders-5d9f~").isNotEqualTo(second.id());
    }

    @Test
    void nodeLeavesOutWhatIsUnknown() {
        var node = new XdsNode("x", "", "", "", "").toProto();

        assertThat(node.getMetadata().getFieldsMap()).isEmpty();
        assertThat(node.hasLocality()).isFalse();
    }

    private static XdsClientSettings.Builder builder(String address) {
        return XdsClientSettings.builder(address, ClientHarness.NODE);
    }
}
