/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.sample.demo;

import dev.xdslb.sample.orders.GetOrderRequest;
import dev.xdslb.sample.orders.Order;
import dev.xdslb.sample.orders.OrdersGrpc;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.Status;
import java.util.concurrent.TimeUnit;

/** One gRPC call of the demo, without a waiting thread. */
final class OrderCall extends ClientCall.Listener<Order> {
    /** Long enough for a pod that is five times slower; a call that takes longer has failed. */
    static final int DEADLINE_SECONDS = 3;

    private static final GetOrderRequest ORDER =
            GetOrderRequest.newBuilder().setId("42").build();

    private final MeasuredRequest request;

    private OrderCall(MeasuredRequest request) {
        this.request = request;
    }

    static void start(Channel channel, CallOptions options, Metadata headers, MeasuredRequest request) {
        ClientCall<GetOrderRequest, Order> call = channel.newCall(
                OrdersGrpc.getGetOrderMethod(), options.withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS));
        call.start(new OrderCall(request), headers);
        call.request(1);
        call.sendMessage(ORDER);
        call.halfClose();
    }

    @Override
    public void onClose(Status status, Metadata trailers) {
        if (status.isOk()) {
            request.succeeded();
        } else {
            request.failed();
        }
    }
}
