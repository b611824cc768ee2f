/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.xdslb.load.Outcome;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.Status.Code;
import java.net.ConnectException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class FailureCodesTest {
    @ParameterizedTest
    @EnumSource(names = {"UNKNOWN", "DEADLINE_EXCEEDED", "INTERNAL", "UNAVAILABLE", "DATA_LOSS"})
    void whatABrokenEndpointAnswers_isAFailure(Code code) {
        assertThat(FailureCodes.DEFAULT.outcomeOf(code.toStatus(), true, false)).isEqualTo(Outcome.FAILURE);
    }

    @ParameterizedTest
    @EnumSource(
            mode = EnumSource.Mode.EXCLUDE,
            names = {
                "CANCELLED",
                "UNKNOWN",
                "DEADLINE_EXCEEDED",
                "INTERNAL",
                "UNAVAILABLE",
                "DATA_LOSS",
                "RESOURCE_EXHAUSTED"
            })
    void whatTheCallerIsToBlameFor_isASuccessOfTheEndpoint(Code code) {
        assertThat(FailureCodes.DEFAULT.outcomeOf(code.toStatus(), true, false)).isEqualTo(Outcome.SUCCESS);
    }

    @Test
    void cancelledCall_saysNothing() {
        assertThat(FailureCodes.DEFAULT.outcomeOf(Status.CANCELLED, false, false))
                .isEqualTo(Outcome.CANCELLED);
    }

    @Test
    void callThatTheOtherSideResets_isNotTheCallersDoing() {
        Status reset = Status.CANCELLED.withDescription("RST_STREAM closed stream. HTTP/2 error code: CANCEL");
        assertThat(FailureCodes.DEFAULT.outcomeOf(reset, false, false)).isEqualTo(Outcome.FAILURE);
        assertThat(FailureCodes.DEFAULT.outcomeOf(Status.CANCELLED.withDescription("RST me"), false, false))
                .isEqualTo(Outcome.CANCELLED);
    }

    @Test
    void channelThatTheApplicationEnds_saysNothingOfTheEndpoint() {
        Status ended = Status.UNAVAILABLE.withDescription("Channel shutdownNow invoked");
        assertThat(FailureCodes.isCallersOwn(ended, false)).isTrue();
        assertThat(FailureCodes.isCallersOwn(ended, true))
                .as("an endpoint that passes on what its own channel said")
                .isFalse();
        assertThat(FailureCodes.isCallersOwn(Status.UNAVAILABLE, false)).isFalse();
        assertThat(FailureCodes.isCallersOwn(Status.UNAVAILABLE.withCause(new ConnectException("refused")), false))
                .isFalse();
        Throwable full = new IllegalStateException(new RejectedExecutionException("full"));
        assertThat(FailureCodes.isCallersOwn(Status.UNKNOWN.withCause(full), false))
                .isTrue();
    }

    @Test
    void unavailableThatTheEndpointDidNotSend_isTheConnections() {
        assertThat(FailureCodes.DEFAULT.outcomeOf(Status.UNAVAILABLE, false, false))
                .isEqualTo(Outcome.CONNECTION_FAILURE);
    }

    @Test
    void endpointThatTakesNoMore_refuses_whereItSaysSoItself() {
        FailureCodes codes = FailureCodes.DEFAULT;
        assertThat(codes.outcomeOf(Status.RESOURCE_EXHAUSTED, true, false)).isEqualTo(Outcome.REFUSED);
        assertThat(codes.outcomeOf(Status.UNAVAILABLE, true, true)).isEqualTo(Outcome.REFUSED);
        assertThat(codes.outcomeOf(Status.UNAVAILABLE, true, false)).isEqualTo(Outcome.FAILURE);
        // the caller's own limit on the size of a message
        assertThat(codes.outcomeOf(Status.RESOURCE_EXHAUSTED, false, false)).isEqualTo(Outcome.SUCCESS);
        assertThat(new FailureCodes(Set.of(Code.RESOURCE_EXHAUSTED)).outcomeOf(Status.RESOURCE_EXHAUSTED, true, true))
                .isEqualTo(Outcome.FAILURE);
    }

    @ParameterizedTest
    @CsvSource({
        "5000, 5000",
        "' 20 ', 20",
        "0, 0",
        "-1, 0",
        "soon, 0",
        "9223372036854775807, 9223372036854775807",
        "92233720368547758070, 0",
        "'', 0"
    })
    void pushback_isReadAsItsSpecificationSays(String value, long millis) {
        Metadata trailers = new Metadata();
        assertThat(Pushback.in(trailers)).isNull();
        trailers.put(Pushback.KEY, value);
        assertThat(Pushback.in(trailers)).isEqualTo(Duration.ofMillis(millis));
    }

    @Test
    void codesThatCannotBeFailures_areRefused() {
        assertThatThrownBy(() -> new FailureCodes(Set.of(Code.CANCELLED)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("codes: [CANCELLED] (expected: neither OK nor CANCELLED)");
    }
}
