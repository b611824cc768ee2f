/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.xdslb.load.Outcome;
import io.grpc.Status;
import io.grpc.Status.Code;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class FailureCodesTest {
    @ParameterizedTest
    @EnumSource(names = {"UNKNOWN", "DEADLINE_EXCEEDED", "INTERNAL", "UNAVAILABLE", "DATA_LOSS"})
    void whatABrokenEndpointAnswers_isAFailure(Code code) {
        assertThat(FailureCodes.DEFAULT.outcomeOf(code.toStatus(), true)).isEqualTo(Outcome.FAILURE);
    }

    @ParameterizedTest
    @EnumSource(
            mode = EnumSource.Mode.EXCLUDE,
            names = {"CANCELLED", "UNKNOWN", "DEADLINE_EXCEEDED", "INTERNAL", "UNAVAILABLE", "DATA_LOSS"})
    void whatTheCallerIsToBlameFor_isASuccessOfTheEndpoint(Code code) {
        assertThat(FailureCodes.DEFAULT.outcomeOf(code.toStatus(), true)).isEqualTo(Outcome.SUCCESS);
    }

    @Test
    void cancelledCall_saysNothing() {
        assertThat(FailureCodes.DEFAULT.outcomeOf(Status.CANCELLED, false)).isEqualTo(Outcome.CANCELLED);
    }

    @Test
    void unavailableThatTheEndpointDidNotSend_isTheConnections() {
        assertThat(FailureCodes.DEFAULT.outcomeOf(Status.UNAVAILABLE, false)).isEqualTo(Outcome.CONNECTION_FAILURE);
    }

    @Test
    void codesThatCannotBeFailures_areRefused() {
        assertThatThrownBy(() -> new FailureCodes(Set.of(Code.CANCELLED)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("codes: [CANCELLED] (expected: neither OK nor CANCELLED)");
    }
}
