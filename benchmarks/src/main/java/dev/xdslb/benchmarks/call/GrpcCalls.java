/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.benchmarks.call;

import dev.xdslb.cluster.ClusterRegistry;
import dev.xdslb.cluster.ClusterSettings;
import dev.xdslb.endpoint.Endpoint;
import dev.xdslb.grpc.GrpcRegistration;
import dev.xdslb.grpc.XdsLbGrpc;
import dev.xdslb.strategy.P2cEwma;
import dev.xdslb.test.DeclaredEndpoints;
import io.grpc.CallOptions;
import io.grpc.EquivalentAddressGroup;
import io.grpc.ManagedChannel;
import io.grpc.NameResolver;
import io.grpc.NameResolverProvider;
import io.grpc.NameResolverRegistry;
import io.grpc.StatusOr;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCalls;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.List;

/** A channel of grpc-java; blocking unary calls. */
final class GrpcCalls implements MeasuredCall {
    private static final byte[] REQUEST = new byte[0];
    private static final String SERVICE = "measured.default:1";

    private final ManagedChannel channel;
    private final Runnable stop;

    private GrpcCalls(ManagedChannel channel, Runnable stop) {
        this.channel = channel;
        this.stop = stop;
    }

    static MeasuredCall start(BalancedBy balancing, List<Integer> ports) {
        return switch (balancing) {
            case NOBODY ->
                new GrpcCalls(
                        NettyChannelBuilder.forAddress("127.0.0.1", ports.get(0))
                                .usePlaintext()
                                .build(),
                        () -> {});
            case PLATFORM -> roundRobin(ports);
            case XDS_LB -> balanced(ports);
        };
    }

    private static GrpcCalls roundRobin(List<Integer> ports) {
        FixedAddresses addresses = new FixedAddresses(ports);
        NameResolverRegistry.getDefaultRegistry().register(addresses);
        return new GrpcCalls(
                NettyChannelBuilder.forTarget(FixedAddresses.SCHEME + ":///measured")
                        .defaultLoadBalancingPolicy("round_robin")
                        .usePlaintext()
                        .build(),
                () -> NameResolverRegistry.getDefaultRegistry().deregister(addresses));
    }

    private static GrpcCalls balanced(List<Integer> ports) {
        DeclaredEndpoints endpoints = new DeclaredEndpoints();
        endpoints.declare(
                SERVICE,
                ports.stream()
                        .map(port -> Endpoint.builder("127.0.0.1", port).build())
                        .toList());
        ClusterRegistry clusters = new ClusterRegistry(
                endpoints, resource -> ClusterSettings.of(new P2cEwma(ClusterRegistry.THREAD_LOCAL_RANDOM)));
        GrpcRegistration registration = XdsLbGrpc.register(clusters, "default");
        return new GrpcCalls(
                NettyChannelBuilder.forTarget(XdsLbGrpc.SCHEME + ":///" + SERVICE)
                        .usePlaintext()
                        .build(),
                () -> {
                    registration.close();
                    clusters.close();
                });
    }

    @Override
    public Object call() {
        return ClientCalls.blockingUnaryCall(channel, IdleServers.METHOD, CallOptions.DEFAULT, REQUEST);
    }

    @Override
    public void close() {
        channel.shutdownNow();
        stop.run();
    }

    /** Names that stand for the servers. */
    private static final class FixedAddresses extends NameResolverProvider {
        static final String SCHEME = "fixed";

        private final List<Integer> ports;

        FixedAddresses(List<Integer> ports) {
            this.ports = ports;
        }

        @Override
        public NameResolver newNameResolver(URI target, NameResolver.Args args) {
            return new NameResolver() {
                @Override
                public String getServiceAuthority() {
                    return "measured";
                }

                @Override
                public void start(Listener2 listener) {
                    listener.onResult(ResolutionResult.newBuilder()
                            .setAddressesOrError(StatusOr.fromValue(ports.stream()
                                    .map(port -> new EquivalentAddressGroup(
                                            new InetSocketAddress(InetAddress.getLoopbackAddress(), port)))
                                    .toList()))
                            .build());
                }

                @Override
                public void shutdown() {}
            };
        }

        @Override
        public String getDefaultScheme() {
            return SCHEME;
        }

        @Override
        protected boolean isAvailable() {
            return true;
        }

        @Override
        protected int priority() {
            return 5;
        }
    }
}
