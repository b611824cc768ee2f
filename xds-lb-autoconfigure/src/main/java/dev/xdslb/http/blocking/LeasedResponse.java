/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.http.blocking;

import dev.xdslb.http.HttpOutcomes;
import dev.xdslb.http.ResponseHead;
import dev.xdslb.load.Lease;
import java.io.IOException;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.client.ClientHttpResponse;

/** A response whose request ends with its body: when the last byte was read, when reading failed, or when it is closed. */
final class LeasedResponse implements ClientHttpResponse {
    private final ClientHttpResponse delegate;
    private final Lease lease;
    private final ResponseHead head;
    private @Nullable InputStream body; // of the one thread that handles the response

    private LeasedResponse(ClientHttpResponse delegate, Lease lease, ResponseHead head) {
        this.delegate = delegate;
        this.lease = lease;
        this.head = head;
    }

    /** Makes a response that ends the lease, at once where not even its status can be read. */
    static LeasedResponse of(ClientHttpResponse response, Lease lease, boolean hasBody) throws IOException {
        try {
            ResponseHead head = ResponseHead.of(response.getStatusCode().value(), response.getHeaders());
            ResponseHead ofThis = hasBody ? head : head.withoutBody();
            ofThis.tell(lease);
            return new LeasedResponse(response, lease, ofThis);
        } catch (IOException | RuntimeException e) {
            lease.end(HttpOutcomes.of(e));
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
                existing = new LeasedBody(delegate.getBody(), lease, head);
            } catch (IOException | RuntimeException e) {
                lease.end(HttpOutcomes.of(e));
                throw e;
            }
            body = existing;
        }
        return existing;
    }

    @Override
    public void close() {
        try {
            delegate.close();
        } finally {
            if (body == null) {
                head.end(lease); // nobody wanted the body, or there is none
            } else {
                head.endGivenUp(lease); // unless its end was read before
            }
        }
    }
}
