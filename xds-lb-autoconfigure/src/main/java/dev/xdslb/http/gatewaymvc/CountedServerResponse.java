/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.http.gatewaymvc;

import dev.xdslb.http.CountedBody;
import dev.xdslb.http.CountedRequest;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.Cookie;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.springframework.cloud.gateway.server.mvc.handler.GatewayServerResponse;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatusCode;
import org.springframework.util.MultiValueMap;
import org.springframework.web.servlet.ModelAndView;

/**
 * An answer that is still to be copied to the gateway's caller. Where that one is gone, the request ends, and the connection to the
 * endpoint with it where its client allows that: most clients would read an endless stream to its end before they close it.
 */
final class CountedServerResponse implements GatewayServerResponse {
    private final GatewayServerResponse delegate;
    private final CountedRequest counted;
    private final CountedBody body;

    CountedServerResponse(GatewayServerResponse delegate, CountedRequest counted, CountedBody body) {
        this.delegate = delegate;
        this.counted = counted;
        this.body = body;
    }

    @Override
    public void setStatusCode(HttpStatusCode status) {
        delegate.setStatusCode(status);
    }

    @Override
    public HttpStatusCode statusCode() {
        return delegate.statusCode();
    }

    @Override
    public HttpHeaders headers() {
        return delegate.headers();
    }

    @Override
    public MultiValueMap<String, Cookie> cookies() {
        return delegate.cookies();
    }

    @Override
    public @Nullable ModelAndView writeTo(HttpServletRequest request, HttpServletResponse response, Context context)
            throws ServletException, IOException {
        return delegate.writeTo(request, new WatchedServletResponse(response, this::callerIsGone), context);
    }

    private void callerIsGone() {
        counted.closed();
        try {
            body.close();
        } catch (IOException e) {
            // It is not read any more.
        }
    }
}
