/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.xdslb.cluster.FailureStatuses;
import dev.xdslb.endpoint.EndpointKey;
import dev.xdslb.load.EndpointLoad;
import dev.xdslb.load.Lease;
import dev.xdslb.load.Outcome;
import java.io.IOException;
import java.io.InputStream;
import java.net.BindException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.http.HttpTimeoutException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.http.HttpHeaders;

class CountedRequestTest {
    private final AtomicLong clock = new AtomicLong();
    private final EndpointLoad load = new EndpointLoad(new EndpointKey("uid", "10.0.0.1", 80), clock::get);
    private final List<Outcome> ended = new ArrayList<>();
    private final Lease lease = Lease.start(load, (endpoint, outcome) -> ended.add(outcome));
    private final CountedRequest request = new CountedRequest(lease, FailureStatuses.DEFAULT);
    private final HttpHeaders headers = new HttpHeaders();

    /** The ways to end one. */
    enum End {
        COMPLETED(CountedRequest::completed),
        CLOSED(CountedRequest::closed),
        GIVEN_UP(CountedRequest::givenUp),
        FAILED(request -> request.failed(new SocketException("reset"))),
        DISCARDED(CountedRequest::discarded);

        @SuppressWarnings("ImmutableEnumChecker") // lambdas without state
        private final Consumer<CountedRequest> act;

        End(Consumer<CountedRequest> act) {
            this.act = act;
        }
    }

    @AfterEach
    void nothingIsLeft() {
        assertThat(load.inFlight()).isZero();
        assertThat(request.hasEnded()).isTrue();
    }

    @ParameterizedTest
    @EnumSource
    void onlyTheFirstEndCounts(End first) {
        request.answered(200, headers);
        assertThat(load.inFlight()).isEqualTo(1);
        first.act.accept(request);
        List<Outcome> once = List.copyOf(ended);
        for (End other : End.values()) {
            other.act.accept(request);
        }
        request.answered(500, headers);
        request.bodyRead(5);
        assertThat(ended).hasSize(1).isEqualTo(once);
    }

    @ParameterizedTest
    @CsvSource({
        "COMPLETED, CANCELLED",
        "CLOSED, CANCELLED",
        "GIVEN_UP, CANCELLED",
        "FAILED, CONNECTION_FAILURE",
        "DISCARDED, CANCELLED"
    })
    void withoutAnAnswer(End end, Outcome expected) {
        end.act.accept(request);
        assertThat(ended).containsExactly(expected);
    }

    @ParameterizedTest
    @CsvSource({
        "COMPLETED, SUCCESS",
        "CLOSED, SUCCESS",
        "GIVEN_UP, SUCCESS",
        "FAILED, CONNECTION_FAILURE",
        "DISCARDED, SUCCESS"
    })
    void afterAGoodAnswer(End end, Outcome expected) {
        request.answered(200, headers);
        end.act.accept(request);
        assertThat(ended).containsExactly(expected);
    }

    @ParameterizedTest
    @EnumSource(names = "FAILED", mode = EnumSource.Mode.EXCLUDE)
    void aBadAnswer_isOne_howeverItEnds(End end) {
        request.answered(500, headers);
        request.awaitsBody();
        end.act.accept(request);
        assertThat(ended).containsExactly(Outcome.FAILURE);
    }

    @ParameterizedTest
    @EnumSource(names = "FAILED", mode = EnumSource.Mode.EXCLUDE)
    void aRefusal_isOne_howeverItEnds(End end) {
        headers.set(HttpHeaders.RETRY_AFTER, "5");
        request.answered(503, headers);
        end.act.accept(request);
        assertThat(ended).containsExactly(Outcome.REFUSED);
    }

    @Test
    void callersOwnDoing_isNoFailure_beforeAndAfterTheAnswer() {
        request.failed(new IOException("wrapped", new BindException("Address already in use")));
        assertThat(ended).containsExactly(Outcome.CANCELLED);

        CountedRequest answered = new CountedRequest(
                Lease.start(load, (endpoint, outcome) -> ended.add(outcome)), FailureStatuses.DEFAULT);
        answered.answered(200, headers);
        answered.failed(new IllegalStateException("of a filter"));
        assertThat(ended).containsExactly(Outcome.CANCELLED, Outcome.SUCCESS);
    }

    @Test
    void timeOutWithinTheBody_isAFailure() {
        request.answered(200, headers);
        request.awaitsBody();
        request.bodyRead(3);
        request.failed(new SocketTimeoutException("Read timed out"));
        assertThat(ended).containsExactly(Outcome.FAILURE);
    }

    /** No event was due at any moment; half a document was. */
    @ParameterizedTest
    @CsvSource({"text/event-stream, 3, SUCCESS", "text/event-stream, 0, FAILURE", "application/json, 3, FAILURE"})
    void timeOutWithinAStreamThatHadBegun_isNone(String contentType, int bytes, Outcome expected) {
        headers.set(HttpHeaders.CONTENT_TYPE, contentType);
        request.answered(200, headers);
        request.awaitsBody();
        request.bodyRead(bytes);
        request.failed(new SocketTimeoutException("Read timed out"));
        assertThat(expected.isFailure() ? ended : List.of(succeeded())).containsExactly(expected);
        assertThat(load.failed()).isEqualTo(expected.isFailure() ? 1 : 0);
    }

    private Outcome succeeded() {
        return load.succeeded() == 1 ? Outcome.SUCCESS : Outcome.CANCELLED;
    }

    /** Spring closes the body of the JDK's client when the read time-out is over, however steadily it comes. */
    @ParameterizedTest
    @CsvSource({"text/event-stream, 0", "application/json, 1"})
    void bodyThatTheClientHasClosedAfterItsTime_isATimeOut_andNoneOfAStream(String contentType, int failed) {
        headers.set(HttpHeaders.CONTENT_TYPE, contentType);
        request.answered(200, headers);
        request.awaitsBody();
        request.bodyRead(3);
        request.failed(new IOException("closed"));
        assertThat(load.failed()).isEqualTo(failed);
    }

    /** What a gateway waits for is the rest of its own caller's body. */
    @Test
    void timeOutWhileReceiving_isTheCallers_aLostConnectionIsNot() {
        request.failedWhileReceiving(new HttpTimeoutException("request timed out"));
        assertThat(ended).containsExactly(Outcome.CANCELLED);
        CountedRequest lost = new CountedRequest(
                Lease.start(load, (endpoint, outcome) -> ended.add(outcome)), FailureStatuses.DEFAULT);
        lost.failedWhileReceiving(new SocketException("Connection reset"));
        assertThat(ended).containsExactly(Outcome.CANCELLED, Outcome.CONNECTION_FAILURE);
    }

    /** A reader that is blocked fails as soon as another thread closes what it reads, before that thread goes on. */
    @Test
    void closing_isToldBeforeTheReaderFails() throws IOException {
        request.answered(200, headers);
        CountedBody body = new CountedBody(
                new InputStream() {
                    @Override
                    public int read() {
                        return 1;
                    }

                    @Override
                    public void close() {
                        request.failed(new SocketException("of the reader"));
                    }
                },
                request);
        body.close();
        assertThat(ended).containsExactly(Outcome.SUCCESS);
    }

    @ParameterizedTest
    @CsvSource({"10, 10, SUCCESS", "9, 10, CONNECTION_FAILURE", "0, 10, CONNECTION_FAILURE"})
    void bodyThatIsShorterThanItWasSaidToBe_wasCutOff(int read, int length, Outcome expected) {
        headers.setContentLength(length);
        request.answered(200, headers);
        request.awaitsBody();
        for (int i = 0; i < read; i++) {
            request.bodyRead(1);
        }
        request.completed();
        assertThat(ended).containsExactly(expected);
    }

    @Test
    void answerToHead_hasNoBodyToBeCutOff() {
        headers.setContentLength(10);
        request.answeredWithoutBody(200, headers);
        request.completed();
        assertThat(ended).containsExactly(Outcome.SUCCESS);
    }

    @Test
    void bodyOfUnknownLength_isAStreamOnceItIsLong() {
        request.answered(200, headers);
        request.bodyRead(0);
        request.bodyRead(1 << 20);
        assertThat(lease.becomesStream()).isTrue();
        Lease other = Lease.start(load, Lease.Listener.NONE);
        CountedRequest longer = new CountedRequest(other, FailureStatuses.DEFAULT);
        longer.answered(200, headers);
        longer.bodyRead(1 << 20);
        longer.bodyRead(1);
        assertThat(other.becomesStream()).isFalse();
        longer.closed();
        request.closed();
    }

    @Test
    void upgraded_isAStream() {
        request.upgraded();
        assertThat(lease.becomesStream()).isFalse();
        assertThat(load.inFlight()).isEqualTo(1);
        request.closed();
        assertThat(load.failed()).isZero();
    }
}
