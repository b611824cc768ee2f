/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.sample.demo;

import io.grpc.Attributes;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientStreamTracer;
import io.grpc.Grpc;
import io.grpc.Metadata;
import java.net.InetSocketAddress;

/** Calls through the channel of the sample's balanced stub. */
final class GrpcCaller implements Caller {
    private final Channel orders;
    private final Fleet fleet;

    /**
     * Takes over the sample's way to call.
     *
     * @param orders the channel of the sample's stub
     */
    GrpcCaller(Channel orders, Fleet fleet) {
        this.orders = orders;
        this.fleet = fleet;
    }

    @Override
    public ClientKind kind() {
        return ClientKind.XDS_LB_GRPC;
    }

    @Override
    public void send(MeasuredRequest request) {
        CallOptions options = CallOptions.DEFAULT.withStreamTracerFactory(new PodOfStream(request));
        OrderCall.start(orders, options, new Metadata(), request);
    }

    /** Takes note of the pod at the moment when the call is put on a connection. */
    private final class PodOfStream extends ClientStreamTracer.Factory {
        private final MeasuredRequest request;

        PodOfStream(MeasuredRequest request) {
            this.request = request;
        }

        @Override
        public ClientStreamTracer newClientStreamTracer(ClientStreamTracer.StreamInfo info, Metadata headers) {
            return new ClientStreamTracer() {
                @Override
                public void streamCreated(Attributes transport, Metadata headers) {
                    if (transport.get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR) instanceof InetSocketAddress address) {
                        request.sentTo(fleet.nameAt(address.getPort()));
                    }
                }
            };
        }
    }
}
