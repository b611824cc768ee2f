/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.http.blocking;

import dev.xdslb.http.CountedBody;
import dev.xdslb.http.CountedRequest;
import java.io.IOException;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.client.ClientHttpResponse;

/** A response whose request ends with its body: when the last byte was read, when reading failed, or when it is closed. */
final class LeasedResponse implements ClientHttpResponse {
    /** Of {@code HttpURLConnection}, which alone takes a body for whole that is shorter than its headers say. */
    private static final String UNCHECKED = "SimpleClientHttpResponse";

    private final ClientHttpResponse delegate;
    private final CountedRequest request;
    private @Nullable InputStream body; // of the one thread that handles the response

    private LeasedResponse(ClientHttpResponse delegate, CountedRequest request) {
        this.delegate = delegate;
        this.request = request;
    }

    /** Makes a response that ends the request, at once where not even its status can be read. */
    static LeasedResponse of(ClientHttpResponse response, CountedRequest request, boolean hasBody) throws IOException {
        try {
            int status = response.getStatusCode().value();
            if (!hasBody) {
                request.answeredWithoutBody(status, response.getHeaders());
            } else if (UNCHECKED.equals(response.getClass().getSimpleName())) {
                request.answered(status, response.getHeaders());
            } else {
                request.answeredToCheckingClient(status, response.getHeaders());
            }
            return new LeasedResponse(response, request);
        } catch (IOException | RuntimeException e) {
            request.failed(e);
            response.close();
            throw e;
        }
    }

    @Override
    public HttpStatusCode getStatusCode() throws IOException {
        return delegate.getStatusCode();
    }

    @Override
    public String getStatusText() throws IOException {
        return delegate.getStatusText();
    }

    @Override
    public HttpHeaders getHeaders() {
        return delegate.getHeaders();
    }

    @Override
    public InputStream getBody() throws IOException {
        InputStream existing = body;
        if (existing == null) {
            try {
                existing = new CountedBody(delegate.getBody(), request);
            } catch (IOException | RuntimeException e) {
                request.failed(e);
                throw e;
            }
            body = existing;
        }
        return existing;
    }

    @Override
    public void close() {
        request.closed(); // first: a reader of another thread, whose read now fails, does not say that the endpoint did
        delegate.close();
    }
}
