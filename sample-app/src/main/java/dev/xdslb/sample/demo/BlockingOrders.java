/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.sample.demo;

import java.io.IOException;
import org.springframework.http.HttpRequest;
import org.springframework.http.client.ClientHttpRequestExecution;
import org.springframework.http.client.ClientHttpResponse;
import org.springframework.web.client.RestClient;
import org.springframework.web.client.RestClientException;

/** Calls the service {@code orders} through the sample's balanced {@link RestClient}, and waits for the answer. */
final class BlockingOrders {
    private static final String REQUEST = MeasuredRequest.class.getName();

    private final RestClient orders;
    private final Fleet fleet;

    /**
     * Takes over the sample's way to call.
     *
     * @param orders the builder that the sample uses; it is not changed
     */
    BlockingOrders(RestClient.Builder orders, Fleet fleet) {
        this.fleet = fleet;
        // Added after the balancer's own interceptor and thus inside of it: sees the pod's address.
        this.orders = orders.clone().requestInterceptor(this::takeNoteOfThePod).build();
    }

    /** Sends a request and tells it what has become of it. */
    void call(MeasuredRequest request) {
        try {
            orders.get()
                    .uri("http://orders/orders/{id}", 42)
                    .attribute(REQUEST, request)
                    .retrieve()
                    .toBodilessEntity();
            request.succeeded();
        } catch (RestClientException | IllegalStateException e) {
            request.failed();
        }
    }

    private ClientHttpResponse takeNoteOfThePod(HttpRequest request, byte[] body, ClientHttpRequestExecution execution)
            throws IOException {
        if (request.getAttributes().get(REQUEST) instanceof MeasuredRequest measured) {
            measured.sentTo(fleet.nameAt(request.getURI().getPort()));
        }
        return execution.execute(request, body);
    }
}
