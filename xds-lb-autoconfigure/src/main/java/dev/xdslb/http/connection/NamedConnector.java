/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.http.connection;

import dev.xdslb.http.PodTarget;
import java.net.URI;
import java.util.function.Function;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.client.reactive.ClientHttpConnector;
import org.springframework.http.client.reactive.ClientHttpRequest;
import org.springframework.http.client.reactive.ClientHttpResponse;
import org.springframework.http.client.reactive.JdkClientHttpConnector;
import reactor.core.publisher.Mono;

/** What {@link NamedRequestFactory} is for blocking clients, for those of {@code WebClient}. */
final class NamedConnector extends NamedClients<ClientHttpConnector> implements ClientHttpConnector {
    NamedConnector(ClientHttpConnector general, Function<String, ClientHttpConnector> named) {
        super(general, named);
    }

    @Override
    public Mono<ClientHttpResponse> connect(
            HttpMethod method, URI uri, Function<? super ClientHttpRequest, Mono<Void>> requestCallback) {
        return Mono.deferContextual(context -> {
            PodTarget target = context.hasKey(PodTarget.class) ? context.get(PodTarget.class) : null;
            if (target == null || !target.isAt(uri)) {
                return general.connect(method, uri, requestCallback);
            }
            return of(target, uri).connect(method, uri, sentWith(requestCallback));
        });
    }

    /** The JDK's client throws where it may not send a header Host. Its blocking counterpart in Spring leaves the header out. */
    private Function<? super ClientHttpRequest, Mono<Void>> sentWith(
            Function<? super ClientHttpRequest, Mono<Void>> requestCallback) {
        if (!(general instanceof JdkClientHttpConnector) || HostOfTheJdk.isAllowed()) {
            return requestCallback;
        }
        return request -> {
            request.beforeCommit(
                    () -> Mono.fromRunnable(() -> request.getHeaders().remove(HttpHeaders.HOST)));
            return requestCallback.apply(request);
        };
    }
}
