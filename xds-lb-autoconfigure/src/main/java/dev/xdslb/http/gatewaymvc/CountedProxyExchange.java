/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.http.gatewaymvc;

import dev.xdslb.http.CountedBody;
import dev.xdslb.http.CountedRequest;
import dev.xdslb.http.PodTarget;
import dev.xdslb.http.ServiceConnections;
import dev.xdslb.springcloud.GatewayRoute;
import dev.xdslb.springcloud.PickedServiceInstance;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import org.jspecify.annotations.Nullable;
import org.springframework.cloud.gateway.server.mvc.common.MvcUtils;
import org.springframework.cloud.gateway.server.mvc.handler.GatewayServerResponse;
import org.springframework.cloud.gateway.server.mvc.handler.ProxyExchange;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.client.ClientHttpResponse;
import org.springframework.web.client.ResourceAccessException;
import org.springframework.web.servlet.function.ServerRequest;
import org.springframework.web.servlet.function.ServerResponse;

/**
 * Counts a request from the moment when the gateway sends it to the end of the body, which is copied to the gateway's caller after
 * all filters are through. Where nobody copies it, because a filter has put something else in its place or the caller is gone,
 * the request ends with the one that the gateway received: see {@link GatewayAttempt}.
 */
final class CountedProxyExchange implements ProxyExchange {
    private final ProxyExchange delegate;
    private final ServiceConnections connections;

    CountedProxyExchange(ProxyExchange delegate, ServiceConnections connections) {
        this.delegate = delegate;
        this.connections = connections;
    }

    @Override
    public RequestBuilder request(ServerRequest serverRequest) {
        return delegate.request(serverRequest);
    }

    @Override
    public ServerResponse exchange(Request request) {
        ServerRequest received = request.getServerRequest();
        PickedServiceInstance picked = GatewayRoute.picked(received.attributes());
        if (picked == null || !isTo(picked, request.getUri())) {
            return delegate.exchange(request); // balanced by nobody, or by another balancer
        }
        PodTarget target = PodTarget.of(picked, request.getUri(), connections);
        String host = connections.host(GatewayRoute.written(received.attributes(), picked));
        CountedRequest counted = CountedRequest.to(picked); // last of what may throw: nothing would end it
        WatchedRequest watched = new WatchedRequest(request, counted, host);
        try {
            GatewayAttempt.begin(received.servletRequest(), counted);
            ServerResponse response = exchange(watched, target);
            answered(request, response, counted);
            return withBody(received, response, counted);
        } catch (Throwable e) {
            if (watched.isAwaited()) {
                counted.failedWhileReceiving(sentFailure(e));
            } else {
                counted.failed(sentFailure(e));
            }
            throw e;
        }
    }

    private ServerResponse exchange(WatchedRequest watched, @Nullable PodTarget target) {
        try {
            return PodTarget.sending(target, () -> delegate.exchange(watched));
        } catch (ResourceAccessException e) {
            if (target != null && e.getCause() instanceof IOException cause) {
                IOException explained = target.explained(cause);
                if (explained != cause) {
                    throw new ResourceAccessException(String.valueOf(explained.getMessage()), explained);
                }
            }
            throw e;
        } catch (RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IllegalStateException("the gateway's client threw what it does not declare: " + e, e);
        }
    }

    /** A fallback of the same request may go to a route that is not balanced. */
    private static boolean isTo(PickedServiceInstance picked, @Nullable URI uri) {
        return uri != null && picked.getHost().equals(uri.getHost()) && picked.getPort() == uri.getPort();
    }

    private static void answered(Request request, ServerResponse response, CountedRequest counted) {
        ServerRequest received = request.getServerRequest();
        boolean hasBody = !HttpMethod.HEAD.equals(request.getMethod());
        if (received.attributes().get(MvcUtils.CLIENT_RESPONSE_ATTR) instanceof ClientHttpResponse sent) {
            answered(counted, hasBody, status(sent, response), sent.getHeaders());
        } else {
            answered(counted, hasBody, response.statusCode().value(), response.headers());
        }
    }

    /** Gateway MVC's clients leave the body where filters can replace it, and copy what they find there afterwards. */
    private static ServerResponse withBody(ServerRequest received, ServerResponse response, CountedRequest counted) {
        if (!(received.attributes().get(MvcUtils.CLIENT_RESPONSE_INPUT_STREAM_ATTR) instanceof InputStream body)) {
            return response;
        }
        CountedBody countedBody = new CountedBody(body, counted);
        MvcUtils.putAttribute(received, MvcUtils.CLIENT_RESPONSE_INPUT_STREAM_ATTR, countedBody);
        return response instanceof GatewayServerResponse gatewayResponse
                ? new CountedServerResponse(gatewayResponse, counted, countedBody)
                : response;
    }

    private static void answered(CountedRequest counted, boolean hasBody, int status, HttpHeaders headers) {
        if (hasBody) {
            counted.answered(status, headers);
        } else {
            counted.answeredWithoutBody(status, headers);
        }
    }

    private static int status(ClientHttpResponse sent, ServerResponse response) {
        try {
            return sent.getStatusCode().value();
        } catch (IOException e) {
            return response.statusCode().value(); // which was made of it
        }
    }

    /** The gateway's client wraps each failure into what the failure of a nested call would be, too. */
    private static Throwable sentFailure(Throwable failure) {
        return failure instanceof ResourceAccessException && failure.getCause() != null ? failure.getCause() : failure;
    }
}
