/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.xdslb.load.Outcome;
import io.netty.channel.ConnectTimeoutException;
import io.netty.handler.timeout.ReadTimeoutException;
import java.io.EOFException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpTimeoutException;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import javax.net.ssl.SSLHandshakeException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class HttpOutcomesTest {

    @ParameterizedTest
    @CsvSource({"200,SUCCESS", "302,SUCCESS", "404,SUCCESS", "429,REFUSED", "500,FAILURE", "503,FAILURE", "599,FAILURE"
    })
    void status(int status, Outcome expected) {
        assertThat(HttpOutcomes.of(status)).isEqualTo(expected);
    }

    static Stream<Arguments> exceptions() {
        return Stream.of(
                Arguments.of(new ConnectException("refused"), Outcome.CONNECTION_FAILURE),
                Arguments.of(new SocketException("Connection reset"), Outcome.CONNECTION_FAILURE),
                Arguments.of(new EOFException("EOF"), Outcome.CONNECTION_FAILURE),
                Arguments.of(new SSLHandshakeException("bad certificate"), Outcome.CONNECTION_FAILURE),
                Arguments.of(new HttpConnectTimeoutException("connect"), Outcome.CONNECTION_FAILURE),
                Arguments.of(new ConnectTimeoutException("connect"), Outcome.CONNECTION_FAILURE),
                Arguments.of(new SocketTimeoutException("Connect timed out"), Outcome.CONNECTION_FAILURE),
                Arguments.of(new SocketTimeoutException("Read timed out"), Outcome.FAILURE),
                Arguments.of(new HttpTimeoutException("request timed out"), Outcome.FAILURE),
                Arguments.of(ReadTimeoutException.INSTANCE, Outcome.FAILURE),
                Arguments.of(new TimeoutException("no answer"), Outcome.FAILURE),
                Arguments.of(new InterruptedException(), Outcome.CANCELLED),
                Arguments.of(new IOException("cancelled", new InterruptedException()), Outcome.CANCELLED),
                Arguments.of(new IllegalStateException("an interceptor's"), Outcome.CANCELLED),
                Arguments.of(new OutOfMemoryError("the application's"), Outcome.CANCELLED));
    }

    @ParameterizedTest
    @MethodSource("exceptions")
    void exception(Throwable failure, Outcome expected) {
        assertThat(HttpOutcomes.of(failure)).isEqualTo(expected);
        assertThat(HttpOutcomes.of(new RuntimeException("wrapped by a client", failure)))
                .isEqualTo(expected);
        assertThat(HttpOutcomes.of(new IOException("wrapped by a client", failure)))
                .isEqualTo(
                        expected == Outcome.CANCELLED && !isInterrupt(failure) ? Outcome.CONNECTION_FAILURE : expected);
    }

    @Test
    void circleOfCauses_ends() {
        Exception one = new Exception("one");
        one.initCause(new Exception("other", one));
        assertThat(HttpOutcomes.of(one)).isEqualTo(Outcome.CANCELLED);
    }

    private static boolean isInterrupt(Throwable failure) {
        return failure instanceof InterruptedException || failure.getCause() instanceof InterruptedException;
    }
}
