/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.benchmarks.peer;

import dev.xdslb.load.Outcome;
import dev.xdslb.simulation.SimulatedBalancer;
import dev.xdslb.simulation.SimulatedPod;
import io.grpc.Attributes;
import io.grpc.CallOptions;
import io.grpc.ClientStreamTracer;
import io.grpc.ClientStreamTracer.StreamInfo;
import io.grpc.EquivalentAddressGroup;
import io.grpc.LoadBalancer;
import io.grpc.LoadBalancer.PickResult;
import io.grpc.LoadBalancer.PickSubchannelArgs;
import io.grpc.LoadBalancer.ResolvedAddresses;
import io.grpc.LoadBalancerProvider;
import io.grpc.LoadBalancerRegistry;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.NameResolver.ConfigOrError;
import io.grpc.Status;
import java.net.InetSocketAddress;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A load-balancing policy of grpc-java. Its subchannels are always connected; a stream is created with the pick and closed
 * with the request's end.
 */
final class GrpcJavaPeer implements SimulatedBalancer {
    private static final StreamInfo STREAM = StreamInfo.newBuilder().build();
    private static final PickSubchannelArgs CALL = new UnaryCall();

    private final ConnectedHelper helper = new ConnectedHelper();
    private final LoadBalancer balancer;
    private final @Nullable Object config;
    private final Map<Integer, Integer> podsByPort = new HashMap<>();
    private @Nullable ClientStreamTracer[] streams = new ClientStreamTracer[64]; // by request

    GrpcJavaPeer(String policy) {
        LoadBalancerProvider provider =
                LoadBalancerRegistry.getDefaultRegistry().getProvider(policy);
        if (provider == null) {
            throw new IllegalStateException("grpc-java has no policy " + policy + " on the class path");
        }
        ConfigOrError parsed = provider.parseLoadBalancingPolicyConfig(Map.of());
        if (parsed.getError() != null) {
            throw new IllegalStateException(policy + ": " + parsed.getError());
        }
        config = parsed.getConfig();
        balancer = provider.newLoadBalancer(helper);
    }

    /** Returns a call that the policies look at no closer. */
    static PickSubchannelArgs call() {
        return CALL;
    }

    @Override
    public void podsChanged(long now, List<SimulatedPod> pods) {
        podsByPort.clear();
        pods.forEach(pod -> podsByPort.put(pod.endpoint().key().port(), pod.index()));
        List<EquivalentAddressGroup> addresses = pods.stream()
                .filter(SimulatedPod::isReady)
                .map(pod -> new EquivalentAddressGroup(InetSocketAddress.createUnresolved(
                        pod.endpoint().key().host(), pod.endpoint().key().port())))
                .toList();
        helper.getSynchronizationContext().execute(() -> {
            Status status = balancer.acceptResolvedAddresses(ResolvedAddresses.newBuilder()
                    .setAddresses(addresses)
                    .setLoadBalancingPolicyConfig(config)
                    .build());
            if (!status.isOk() && !addresses.isEmpty()) {
                throw new IllegalStateException("grpc-java refused the addresses: " + status);
            }
        });
    }

    @Override
    public int pick(long now, int request) {
        PickResult result = helper.picker().pickSubchannel(CALL);
        LoadBalancer.Subchannel subchannel = result.getSubchannel();
        if (subchannel == null) {
            return NO_POD;
        }
        if (request >= streams.length) {
            streams = Arrays.copyOf(streams, Math.max(request + 1, streams.length * 2));
        }
        ClientStreamTracer.Factory factory = result.getStreamTracerFactory();
        if (factory != null) {
            ClientStreamTracer stream = factory.newClientStreamTracer(STREAM, CALL.getHeaders());
            stream.streamCreated(Attributes.EMPTY, CALL.getHeaders());
            streams[request] = stream;
        }
        InetSocketAddress address =
                (InetSocketAddress) subchannel.getAddresses().getAddresses().get(0);
        return podsByPort.getOrDefault(address.getPort(), NO_POD);
    }

    @Override
    public void ended(long now, int request, int pod, Outcome outcome, long latencyNanos) {
        ClientStreamTracer stream = request < streams.length ? streams[request] : null;
        if (stream != null) {
            streams[request] = null;
            stream.streamClosed(statusOf(outcome));
        }
    }

    private static Status statusOf(Outcome outcome) {
        return switch (outcome) {
            case SUCCESS -> Status.OK;
            case REFUSED -> Status.RESOURCE_EXHAUSTED;
            default -> Status.UNAVAILABLE;
        };
    }

    /** A call that the policies look at no closer. */
    private static final class UnaryCall extends PickSubchannelArgs {
        private final Metadata headers = new Metadata();

        @Override
        public CallOptions getCallOptions() {
            return CallOptions.DEFAULT;
        }

        @Override
        public Metadata getHeaders() {
            return headers;
        }

        @Override
        public MethodDescriptor<?, ?> getMethodDescriptor() {
            throw new UnsupportedOperationException("the simulated calls have no method");
        }
    }
}
