/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.xds;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class IpLiteralTest {

    @ParameterizedTest
    @ValueSource(strings = {"10.0.0.1", "255.255.255.255", "::1", "fd00:10:244::1f", "::ffff:10.0.0.1", "2001:db8::"})
    void readsAddresses(String text) {
        assertThat(IpLiteral.parse(text)).isNotNull();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "orders",
                "localhost",
                "10.0.0",
                "10.0.0.256",
                "10.0.0.01",
                "1",
                "0x7f000001",
                "cafe",
                "1::2::3",
                ":",
                "fe80::1%eth0",
                "[::1]",
                "10.0.0.1 ",
                "10.0.0.1:80",
                ".:1",
                "fd00::1.2.3"
            })
    void readsNothingElse(String text) {
        assertThat(IpLiteral.parse(text)).isNull();
    }

    @Test
    void twoSpellingsAreOneAddress() {
        assertThat(IpLiteral.parse("fd00:0:0::1")).isEqualTo(IpLiteral.parse("fd00::1"));
        assertThat(IpLiteral.parse("::ffff:10.0.0.1")).isEqualTo(IpLiteral.parse("10.0.0.1"));
    }
}
