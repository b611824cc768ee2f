/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.http.blocking;

import static org.assertj.core.api.Assertions.assertThat;

import dev.xdslb.http.CountedRequest;
import dev.xdslb.http.TestRequests;
import dev.xdslb.load.Outcome;
import java.io.IOException;
import java.io.InputStream;
import java.net.SocketException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.client.ClientHttpResponse;

class LeasedResponseTest {
    private final List<Outcome> ended = new ArrayList<>();
    private final CountedRequest request = TestRequests.into(ended);

    /** A reader that is blocked fails as soon as another thread closes the response, before that thread goes on. */
    @Test
    void closing_isToldBeforeTheReaderFails() throws IOException {
        LeasedResponse response = LeasedResponse.of(new FailingReader(), request, true);
        assertThat(response.getBody()).isNotNull();
        response.close();
        assertThat(ended).containsExactly(Outcome.SUCCESS);
    }

    private final class FailingReader implements ClientHttpResponse {
        @Override
        public HttpStatusCode getStatusCode() {
            return HttpStatus.OK;
        }

        @Override
        public String getStatusText() {
            return "OK";
        }

        @Override
        public HttpHeaders getHeaders() {
            return new HttpHeaders();
        }

        @Override
        public InputStream getBody() {
            return InputStream.nullInputStream();
        }

        @Override
        public void close() {
            request.failed(new SocketException("of the reader"));
        }
    }
}
