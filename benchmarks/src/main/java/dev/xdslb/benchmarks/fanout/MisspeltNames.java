/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.benchmarks.fanout;

import io.envoyproxy.envoy.config.core.v3.Node;
import io.envoyproxy.envoy.service.discovery.v3.AggregatedDiscoveryServiceGrpc;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.netty.NettyChannelBuilder;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Clients that ask for very many services of which none exists, each in one request on a connection of its own, and answer
 * what they are told.
 *
 * <p>The counts are written by the transport's threads and read by whoever waits for them.
 */
final class MisspeltNames implements AutoCloseable {
    private static final int POLL_MILLIS = 2;

    private static final MethodDescriptor.Marshaller<byte[]> BYTES = new MethodDescriptor.Marshaller<>() {
        @Override
        public InputStream stream(byte[] value) {
            return new ByteArrayInputStream(value);
        }

        @Override
        public byte[] parse(InputStream stream) {
            try {
                return stream.readAllBytes();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    };

    private static final MethodDescriptor<byte[], byte[]> METHOD =
            AggregatedDiscoveryServiceGrpc.getDeltaAggregatedResourcesMethod().toBuilder(BYTES, BYTES)
                    .build();

    private final List<ManagedChannel> channels = new ArrayList<>();
    private final AtomicInteger told = new AtomicInteger();
    private final AtomicLong bytes = new AtomicLong();
    private final AtomicReference<@Nullable Status> ended = new AtomicReference<>();
    private final int expected;

    private MisspeltNames(int expected) {
        this.expected = expected;
    }

    /** Connects and asks. The names differ from those of services by what a service is not called. */
    static MisspeltNames ask(int port, int clients, int names, int services) {
        MisspeltNames asked = new MisspeltNames(clients * names);
        for (int client = 0; client < clients; client++) {
            DeltaDiscoveryRequest.Builder request = DeltaDiscoveryRequest.newBuilder()
                    .setNode(Node.newBuilder().setId("misspelt-" + client).setUserAgentName("xds-lb"))
                    .setTypeUrl(LeanRequests.TYPE_URL);
            for (int name = 0; name < names; name++) {
                request.addResourceNamesSubscribe("servcie-" + name % services + '-' + client + '-' + name + '.'
                        + SyntheticData.NAMESPACE + ':' + SyntheticData.PORT);
            }
            asked.open(port, request.build().toByteArray());
        }
        return asked;
    }

    private void open(int port, byte[] request) {
        ManagedChannel channel =
                NettyChannelBuilder.forAddress("127.0.0.1", port).usePlaintext().build();
        channels.add(channel);
        ClientCall<byte[], byte[]> call =
                channel.newCall(METHOD, CallOptions.DEFAULT.withMaxInboundMessageSize(64 << 20));
        ResponseScan scan = new ResponseScan();
        call.start(
                new ClientCall.Listener<>() {
                    @Override
                    public void onMessage(byte[] response) {
                        bytes.addAndGet(response.length);
                        scan.scan(response, true, (change, size, version) -> {});
                        told.addAndGet(scan.removed());
                        call.sendMessage(DeltaDiscoveryRequest.newBuilder()
                                .setTypeUrl(LeanRequests.TYPE_URL)
                                .setResponseNonce(scan.nonce())
                                .build()
                                .toByteArray());
                        call.request(1);
                    }

                    @Override
                    public void onClose(Status status, Metadata trailers) {
                        ended.compareAndSet(null, status);
                    }
                },
                new Metadata());
        call.request(1);
        call.sendMessage(request);
    }

    /** Waits until every name was answered; returns whether that was within the time. */
    boolean awaitAnswers(long untilNanos) throws InterruptedException {
        while (told.get() < expected) {
            Status status = ended.get();
            if (status != null) {
                throw new IllegalStateException("a client that misspells was sent away: " + status);
            }
            if (System.nanoTime() > untilNanos) {
                return false;
            }
            Thread.sleep(POLL_MILLIS);
        }
        return true;
    }

    int names() {
        return expected;
    }

    /** Returns how many names were answered. */
    int told() {
        return told.get();
    }

    /** Returns how many bytes of responses have come. */
    long bytes() {
        return bytes.get();
    }

    @Override
    public void close() {
        channels.forEach(ManagedChannel::shutdownNow);
    }
}
