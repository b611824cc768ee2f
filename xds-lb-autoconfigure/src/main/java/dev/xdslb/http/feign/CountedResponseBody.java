/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.http.feign;

import dev.xdslb.http.CountedBody;
import dev.xdslb.http.CountedRequest;
import feign.Response;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.Charset;
import org.jspecify.annotations.Nullable;

/** The body of an answer, with which the attempt ends. Feign closes it after decoding, also where nobody has read it. */
final class CountedResponseBody implements Response.Body {
    private final Response.Body delegate;
    private final CountedRequest request;
    private @Nullable InputStream stream; // null - nobody wants it yet

    CountedResponseBody(Response.Body delegate, CountedRequest request) {
        this.delegate = delegate;
        this.request = request;
    }

    @Override
    public @Nullable Integer length() {
        return delegate.length();
    }

    @Override
    public boolean isRepeatable() {
        return delegate.isRepeatable();
    }

    @Override
    public InputStream asInputStream() throws IOException {
        if (delegate.isRepeatable()) { // it is in memory, and each reader reads it from its beginning
            return new CountedBody(delegate.asInputStream(), request);
        }
        InputStream existing = stream;
        if (existing == null) {
            existing = new CountedBody(delegate.asInputStream(), request);
            stream = existing;
        }
        return existing;
    }

    @Override
    public Reader asReader(Charset charset) throws IOException {
        return new InputStreamReader(asInputStream(), charset);
    }

    @Override
    public void close() throws IOException {
        request.closed(); // first: a reader of another thread, whose read now fails, does not say that the endpoint did
        delegate.close();
    }
}
