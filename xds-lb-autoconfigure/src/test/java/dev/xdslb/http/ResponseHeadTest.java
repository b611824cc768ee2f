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
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.http.HttpHeaders;

class ResponseHeadTest {
    private final AtomicLong clock = new AtomicLong();
    private final EndpointLoad load = new EndpointLoad(new EndpointKey("uid", "10.0.0.1", 80), clock::get);
    private final Lease lease = Lease.start(load, Lease.Listener.NONE);
    private final HttpHeaders headers = new HttpHeaders();

    @ParameterizedTest
    @CsvSource({
        "200, text/event-stream, 0, true",
        "200, text/event-stream;charset=UTF-8, 0, true",
        "200, TEXT/Event-Stream, 0, true",
        "200, application/x-ndjson, 0, true",
        "200, application/stream+json, 0, true",
        "200, application/json-seq, 0, true",
        "200, application/grpc, 0, true",
        "200, application/grpc-web+proto, 0, true",
        "200, multipart/x-mixed-replace; boundary=a, 0, true",
        "101, , 0, true",
        "200, application/zip, 1048577, true",
        "200, application/zip, 1048576, false",
        "200, application/json, 20, false",
        "200, , 0, false",
        "200, no media type, 0, false",
        "500, text/event-stream, 0, false"
    })
    void stream_leavesResponseTime(int status, String contentType, long length, boolean stream) {
        if (contentType != null) {
            headers.set(HttpHeaders.CONTENT_TYPE, contentType);
        }
        if (length > 0) {
            headers.set(HttpHeaders.CONTENT_LENGTH, Long.toString(length));
        }
        clock.addAndGet(TimeUnit.SECONDS.toNanos(1));

        ResponseHead.of(status, headers, FailureStatuses.DEFAULT).tell(lease);

        assertThat(load.costNanos() > 0).isEqualTo(status == 200 && !stream);
    }

    @Test
    void contentLengthThatIsNone_saysNothing() {
        headers.set(HttpHeaders.CONTENT_LENGTH, "many");
        ResponseHead.of(200, headers, FailureStatuses.DEFAULT).end(lease, 0);
        assertThat(load.failed()).isZero();
    }

    @ParameterizedTest
    @CsvSource({
        "200, 10, 10, SUCCESS",
        "200, 9, 10, CONNECTION_FAILURE",
        "200, 0, 10, CONNECTION_FAILURE",
        "204, 0, 10, SUCCESS",
        "304, 0, 10, SUCCESS",
        "200, 20, 10, SUCCESS"
    })
    void bodyThatIsCutOff_isABrokenConnection(int status, long read, long length, Outcome expected) {
        headers.set(HttpHeaders.CONTENT_LENGTH, Long.toString(length));
        ResponseHead head = ResponseHead.of(status, headers, FailureStatuses.DEFAULT);
        head.tell(lease);
        head.end(lease, read);
        assertThat(load.consecutiveFailures()).isEqualTo(expected.isFailure() ? 1 : 0);
    }

    @Test
    void encodedBodies_andAnswersToHead_mayBeShorterThanTheirLength() {
        headers.set(HttpHeaders.CONTENT_LENGTH, "22");
        ResponseHead.of(200, headers, FailureStatuses.DEFAULT).withoutBody().end(lease, 0);
        headers.set(HttpHeaders.CONTENT_ENCODING, "gzip");
        ResponseHead.of(200, headers, FailureStatuses.DEFAULT).end(Lease.start(load, Lease.Listener.NONE), 2);
        assertThat(load.consecutiveFailures()).isZero();
    }

    @ParameterizedTest
    @CsvSource({
        "429, , REFUSED, 0",
        "429, 5, REFUSED, 5",
        "503, 7, REFUSED, 7",
        "503, nonsense, REFUSED, 0",
        "503, , FAILURE, 0",
        "500, 7, FAILURE, 0",
        "200, 7, SUCCESS, 0",
        "301, 7, SUCCESS, 0"
    })
    void refusals(int status, String retryAfter, Outcome outcome, long seconds) {
        if (retryAfter != null) {
            headers.set("Retry-After", retryAfter);
        }
        ResponseHead head = ResponseHead.of(status, headers, FailureStatuses.DEFAULT);
        assertThat(head.outcome()).isEqualTo(outcome);
        assertThat(head.retryAfter()).isEqualTo(Duration.ofSeconds(seconds));
        head.tell(lease);
        head.endGivenUp(lease); // the status has said it, whoever gives up
        assertThat(load.refused()).isEqualTo(outcome == Outcome.REFUSED ? 1 : 0);
        assertThat(load.failed()).isEqualTo(outcome.isFailure() ? 1 : 0);
    }
}
