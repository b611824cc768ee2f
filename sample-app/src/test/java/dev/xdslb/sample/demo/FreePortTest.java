/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.sample.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.ServerSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FreePortTest {
    @Test
    void freePort_isTaken() throws Exception {
        int free;
        try (ServerSocket socket = new ServerSocket(0)) {
            free = socket.getLocalPort();
        }

        assertThat(FreePort.preferably(free)).isEqualTo(free);
    }

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1", "0.0.0.0"})
    void portInUseOnAnyAddress_isPassedOver(String address) throws Exception {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getByName(address))) {
            assertThat(FreePort.preferably(socket.getLocalPort())).isPositive().isNotEqualTo(socket.getLocalPort());
        }
    }

    @Test
    void noWish_givesAnyFreePort() throws Exception {
        assertThat(FreePort.preferably(0)).isPositive();
    }
}
