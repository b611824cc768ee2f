/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.sample.demo;

import dev.xdslb.cluster.NoEndpointException;
import java.io.IOException;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.springframework.http.HttpRequest;
import org.springframework.http.client.ClientHttpRequestExecution;
import org.springframework.http.client.ClientHttpResponse;
import org.springframework.web.client.RestClient;
import org.springframework.web.client.RestClientException;

/** Calls through the sample's balanced {@link RestClient}, which blocks: each request under way has a thread. */
final class HttpCaller implements Caller {
    private static final String REQUEST = MeasuredRequest.class.getName();

    /** A service's usual number; what is beyond waits, and the wait counts as response time. */
    private static final int THREADS = 64;

    private static final int MAX_WAITING = 1_000;

    private final RestClient orders;
    private final Fleet fleet;
    private final ThreadPoolExecutor threads;

    /**
     * Takes over the sample's way to call.
     *
     * @param orders the builder that the sample uses; it is not changed
     */
    HttpCaller(RestClient.Builder orders, Fleet fleet) {
        this.fleet = fleet;
        // Added after the balancer's own interceptor and thus inside of it: sees the pod's address.
        this.orders = orders.clone().requestInterceptor(this::takeNoteOfThePod).build();
        AtomicInteger number = new AtomicInteger();
        this.threads = new ThreadPoolExecutor(
                THREADS, THREADS, 1, TimeUnit.MINUTES, new ArrayBlockingQueue<>(MAX_WAITING), task -> {
                    Thread thread = new Thread(task, "http-" + number.incrementAndGet());
                    thread.setDaemon(true);
                    return thread;
                });
    }

    @Override
    public ClientKind kind() {
        return ClientKind.XDS_LB_HTTP;
    }

    @Override
    public void send(MeasuredRequest request) {
        try {
            threads.execute(() -> call(request));
        } catch (RejectedExecutionException e) {
            request.failed();
        }
    }

    @Override
    public void close() {
        threads.shutdownNow();
    }

    private void call(MeasuredRequest request) {
        try {
            orders.get()
                    .uri("http://orders/orders/{id}", 42)
                    .attribute(REQUEST, request)
                    .retrieve()
                    .toBodilessEntity();
            request.succeeded();
        } catch (RestClientException | NoEndpointException e) {
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
