/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.http.feign;

import static org.assertj.core.api.Assertions.assertThat;

import dev.xdslb.http.CountedRequest;
import dev.xdslb.http.TestRequests;
import dev.xdslb.load.Outcome;
import feign.Response;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.net.SocketException;
import java.nio.charset.Charset;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.springframework.http.HttpHeaders;

class CountedResponseBodyTest {
    private final List<Outcome> ended = new ArrayList<>();
    private final CountedRequest request = TestRequests.into(ended);

    /** A reader that is blocked fails as soon as another thread closes the body, before that thread goes on. */
    @Test
    void closing_isToldBeforeTheReaderFails() throws IOException {
        request.answered(200, new HttpHeaders());
        CountedResponseBody body = new CountedResponseBody(new FailingReader(), request);
        assertThat(body.asInputStream()).isNotNull();
        body.close();
        assertThat(ended).containsExactly(Outcome.SUCCESS);
    }

    private final class FailingReader implements Response.Body {
        @Override
        public @Nullable Integer length() {
            return null;
        }

        @Override
        public boolean isRepeatable() {
            return false;
        }

        @Override
        public InputStream asInputStream() {
            return InputStream.nullInputStream();
        }

        @Override
        public Reader asReader(Charset charset) {
            return new InputStreamReader(asInputStream(), charset);
        }

        @Override
        public void close() {
            request.failed(new SocketException("of the reader"));
        }
    }
}
