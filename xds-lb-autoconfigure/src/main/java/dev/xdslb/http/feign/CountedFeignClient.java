/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.http.feign;

import dev.xdslb.http.ServiceConnections;
import feign.Capability;
import feign.Client;
import feign.Request;
import feign.Response;
import java.io.IOException;
import java.net.URI;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.springframework.aot.hint.annotation.Reflective;
import org.springframework.http.HttpHeaders;

/**
 * Makes each call of a Feign client a {@link FeignCall}. Public by name, as Feign calls it by reflection.
 */
public final class CountedFeignClient implements Capability {
    private final ServiceConnections connections;

    public CountedFeignClient(ServiceConnections connections) {
        this.connections = connections;
    }

    @Override
    @Reflective // in a native image, too
    public Client enrich(Client client) {
        return (request, options) -> execute(client, withHost(request), options);
    }

    /** A header Host of the application's own stays. */
    private Request withHost(Request request) {
        String host = !connections.isAnyHostPreserved()
                        || request.headers().keySet().stream().anyMatch(HttpHeaders.HOST::equalsIgnoreCase)
                ? null
                : connections.host(URI.create(request.url()));
        if (host == null) {
            return request;
        }
        Map<String, Collection<String>> headers = new LinkedHashMap<>(request.headers());
        headers.put(HttpHeaders.HOST, List.of(host));
        return Request.create(
                request.httpMethod(),
                request.url(),
                headers,
                request.body(),
                request.charset(),
                request.requestTemplate());
    }

    private static Response execute(Client client, Request request, Request.Options options) throws IOException {
        try {
            return new FeignCall().run(() -> client.execute(request, options));
        } catch (IOException | RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IllegalStateException("a Feign client threw what it does not declare: " + e, e);
        }
    }
}
