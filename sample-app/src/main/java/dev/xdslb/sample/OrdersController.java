/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.sample;

import dev.xdslb.sample.orders.GetOrderRequest;
import dev.xdslb.sample.orders.OrdersGrpc.OrdersBlockingStub;
import net.devh.boot.grpc.client.inject.GrpcClient;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.client.RestClient;
import org.springframework.web.reactive.function.client.WebClient;
import reactor.core.publisher.Mono;

/** Asks the service {@code orders}, in three ways. */
@RestController
class OrdersController {
    /** The shard that a request is about, as the label {@code xdslb.dev/shard} of the pods names it: passed on, for subsets. */
    private static final String SHARD = "x-shard";

    private final RestClient restClient;
    private final WebClient webClient;

    @GrpcClient("orders")
    private OrdersBlockingStub grpc;

    OrdersController(RestClient.Builder restClient, WebClient.Builder webClient) {
        this.restClient = restClient.build();
        this.webClient = webClient.build();
    }

    @GetMapping("/orders/{id}")
    @Nullable
    Order byRestClient(@PathVariable String id, @RequestHeader(name = SHARD, required = false) @Nullable String shard) {
        return restClient
                .get()
                .uri("http://orders/orders/{id}", id)
                .headers(headers -> {
                    if (shard != null) {
                        headers.set(SHARD, shard);
                    }
                })
                .retrieve()
                .body(Order.class);
    }

    @PostMapping("/orders/{id}")
    @Nullable
    Order postByRestClient(@PathVariable String id, @RequestBody String order) {
        return restClient
                .post()
                .uri("http://orders/orders/{id}", id)
                .body(order)
                .retrieve()
                .body(Order.class);
    }

    @GetMapping("/web-client/orders/{id}")
    Mono<Order> byWebClient(@PathVariable String id) {
        return webClient.get().uri("http://orders/orders/{id}", id).retrieve().bodyToMono(Order.class);
    }

    @GetMapping("/grpc/orders/{id}")
    Order byGrpc(@PathVariable String id) {
        var order = grpc.getOrder(GetOrderRequest.newBuilder().setId(id).build());
        return new Order(order.getId(), order.getPod());
    }

    /**
     * An order.
     *
     * @param pod the pod of the service that answered
     */
    record Order(String id, String pod) {}
}
