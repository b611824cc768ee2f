/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.http.connection;

import dev.xdslb.http.PodTarget;
import java.io.IOException;
import java.net.URI;
import java.util.function.Function;
import org.springframework.http.HttpMethod;
import org.springframework.http.client.ClientHttpRequest;
import org.springframework.http.client.ClientHttpRequestFactory;

/**
 * Makes requests as Spring Boot configured them. One over TLS to a pod is made by a client that verifies the pod's certificate against
 * the name of its service; these clients keep their connections apart, so that one which was verified by a name serves no other.
 */
final class NamedRequestFactory extends NamedClients<ClientHttpRequestFactory> implements ClientHttpRequestFactory {
    NamedRequestFactory(ClientHttpRequestFactory general, Function<String, ClientHttpRequestFactory> named) {
        super(general, named);
    }

    @Override
    public ClientHttpRequest createRequest(URI uri, HttpMethod method) throws IOException {
        return of(PodTarget.current(), uri).createRequest(uri, method);
    }
}
