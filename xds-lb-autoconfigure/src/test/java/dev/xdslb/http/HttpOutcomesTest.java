/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.xdslb.cluster.FailureStatuses;
import dev.xdslb.load.Outcome;
import io.netty.channel.ConnectTimeoutException;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.timeout.ReadTimeoutException;
import java.io.EOFException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpTimeoutException;
import java.nio.channels.UnresolvedAddressException;
import java.nio.file.NoSuchFileException;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import javax.net.ssl.SSLHandshakeException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.http.converter.HttpMessageNotWritableException;
import org.springframework.web.client.ResourceAccessException;

class HttpOutcomesTest {

    @ParameterizedTest
    @CsvSource({"200,SUCCESS", "302,SUCCESS", "404,SUCCESS", "429,REFUSED", "500,FAILURE", "503,FAILURE", "599,FAILURE"
    })
    void status(int status, Outcome expected) {
        assertThat(HttpOutcomes.of(status, false, FailureStatuses.DEFAULT)).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource({
        "404, false, FAILURE",
        "429, false, FAILURE",
        "500, false, SUCCESS",
        "503, false, FAILURE",
        "503, true, REFUSED",
        "200, false, SUCCESS"
    })
    void status_countsAsConfigured(int status, boolean saysRetryAfter, Outcome expected) {
        FailureStatuses failures = FailureStatuses.parse(List.of("404", "429", "502-504"));
        assertThat(HttpOutcomes.of(status, saysRetryAfter, failures)).isEqualTo(expected);
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
                Arguments.of(new CancellationException(), Outcome.CANCELLED),
                Arguments.of(new InterruptedIOException("timeout"), Outcome.FAILURE), // OkHttp's
                Arguments.of(new IOException("closed"), Outcome.FAILURE), // the JDK's HTTP client, closed on this side
                Arguments.of(new IOException("closed", new SocketException("reset")), Outcome.CONNECTION_FAILURE),
                Arguments.of(new IOException("connection closed"), Outcome.CONNECTION_FAILURE),
                Arguments.of(new IOException("stream is closed"), Outcome.FAILURE),
                Arguments.of(new SocketException("Socket closed"), Outcome.FAILURE),
                Arguments.of(new IllegalStateException("an interceptor's"), null),
                Arguments.of(new OutOfMemoryError("the application's"), null));
    }

    @ParameterizedTest
    @MethodSource("exceptions")
    void exception(Throwable failure, @Nullable Outcome expected) {
        assertThat(of(failure)).isEqualTo(expected);
        assertThat(of(new RuntimeException("wrapped by a client", failure))).isEqualTo(expected);
        assertThat(of(new IOException("wrapped by a client", failure)))
                .isEqualTo(expected == null ? Outcome.CONNECTION_FAILURE : expected);
    }

    /** What passes through a request and is the caller's own doing; those of optional jars by their names. */
    static Stream<Throwable> callersOwn() {
        return Stream.of(
                new ConnectionRequestTimeoutException("Timeout deadline: 200 MILLISECONDS"),
                new PoolAcquireTimeoutException(),
                new ClientAbortException(new IOException("Broken pipe")),
                new BindException("Address already in use"),
                new ConnectException("Cannot assign requested address"),
                new NoRouteToHostException("Cannot assign requested address (Address not available)"),
                new SocketException("Too many open files"),
                new FileNotFoundException("/var/run/token (Permission denied)"),
                new NoSuchFileException("/var/run/token"),
                new UnknownHostException("orders"),
                new UnresolvedAddressException(),
                new RejectedExecutionException("Max requests queued per destination 1024 exceeded"),
                new IOException("too many concurrent streams"),
                new ResourceAccessException("of a filter's own call", new ConnectException("refused")),
                new HttpMessageNotWritableException("no serializer", new IOException("of Jackson")));
    }

    @ParameterizedTest
    @MethodSource("callersOwn")
    void callersOwnDoing_saysNothing_behindWhateverItIsWrappedInto(Throwable failure) {
        assertThat(of(failure)).isNull();
        assertThat(of(new RuntimeException("wrapped by a client", failure))).isNull();
        assertThat(of(new IOException("wrapped by a client", new ExecutionException(failure))))
                .isNull();
    }

    @Test
    void answerThatIsNoHttp_isTheEndpointsDoing() {
        assertThat(of(new DecoderException("garbage"))).isEqualTo(Outcome.CONNECTION_FAILURE);
    }

    /** As clients say it: the JDK's sockets, Apache's and Jetty's by its resolver, reactor-netty, the JDK's HTTP client. */
    static Stream<Exception> unknownHosts() {
        return Stream.of(
                new UnknownHostException("orders-0.shop.example"),
                new UnknownHostException("Orders-0.shop.example: Name or service not known"),
                new UnknownHostException("Failed to resolve 'orders-0.shop.example' [A(1), AAAA(28)] after 2 queries"),
                new UnknownHostException("orders-0.shop.example."),
                new UnknownHostException(),
                new UnresolvedAddressException());
    }

    @ParameterizedTest
    @MethodSource("unknownHosts")
    void unknownHost_isTheEndpoints_whereItIsTheEndpointsOwn(Exception failure) {
        assertThat(HttpOutcomes.of(failure, "orders-0.shop.example")).isEqualTo(Outcome.CONNECTION_FAILURE);
        assertThat(HttpOutcomes.of(new ConnectException().initCause(failure), "orders-0.shop.example"))
                .isEqualTo(Outcome.CONNECTION_FAILURE);
        assertThat(HttpOutcomes.of(
                        new ResourceAccessException("of a filter's own call", new IOException(failure)),
                        "orders-0.shop.example"))
                .isNull();
    }

    @ParameterizedTest
    @MethodSource("unknownHosts")
    void unknownHost_isTheCallers_whereTheEndpointHasAnAddress(Exception failure) {
        assertThat(HttpOutcomes.of(failure, "10.0.0.1")).isNull();
        assertThat(HttpOutcomes.of(failure, "[fd00::1]")).isNull();
        assertThat(HttpOutcomes.of(failure, null)).isNull();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "proxy.example",
                "proxy.orders-0.shop.example",
                "orders-0.shop.example.proxy: unknown",
                "my-orders-0.shop.example"
            })
    void unknownHost_isTheCallers_whereItIsAnother(String message) {
        assertThat(HttpOutcomes.of(new UnknownHostException(message), "orders-0.shop.example"))
                .isNull();
    }

    /** OkHttp closes the socket of a read that takes too long. */
    @Test
    void timeOutThatClosedTheSocket_isATimeOut() {
        Exception timeOut = new SocketTimeoutException("timeout");
        timeOut.initCause(new SocketException("Socket closed"));
        assertThat(of(timeOut)).isEqualTo(Outcome.FAILURE);
    }

    @Test
    void circleOfCauses_ends() {
        Exception one = new Exception("one");
        one.initCause(new Exception("other", one));
        assertThat(of(one)).isNull();
    }

    /** Of an endpoint that is known by its address. */
    private static @Nullable Outcome of(Throwable failure) {
        return HttpOutcomes.of(failure, "10.0.0.1");
    }

    /** Apache's, which extends two that are the endpoint's doing. */
    private static final class ConnectionRequestTimeoutException extends ConnectTimeoutException {
        private ConnectionRequestTimeoutException(String message) {
            super(message);
        }
    }

    /** Of reactor-pool, which reactor-netty shades. */
    private static final class PoolAcquireTimeoutException extends TimeoutException {}

    /** Tomcat's. */
    private static final class ClientAbortException extends IOException {
        private ClientAbortException(Throwable cause) {
            super(cause);
        }
    }
}
