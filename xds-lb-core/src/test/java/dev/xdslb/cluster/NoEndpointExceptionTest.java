/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.xdslb.cluster.ClusterStatus.State;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class NoEndpointExceptionTest {
    private static final String SOURCE = "control plane localhost:18000";

    @Test
    void sourceThatAnswered_isNotSaidToBeLiveBesideNoEndpoints() {
        assertThat(message(State.LIVE))
                .isEqualTo(
                        "no endpoint for service \"orders\" (resource orders.shop, control plane localhost:18000): why");
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "LIVE")
    void everyOtherState_isSaid(State state) {
        assertThat(message(state)).contains("(resource orders.shop, state " + state + ", " + SOURCE + ')');
    }

    private static String message(State state) {
        ClusterStatus status = new ClusterStatus(state, "");
        return new NoEndpointException("orders.shop", status, "why")
                .forService("orders", SOURCE)
                .getMessage();
    }
}
