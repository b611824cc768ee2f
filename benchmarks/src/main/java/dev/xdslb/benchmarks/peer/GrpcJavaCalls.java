/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.benchmarks.peer;

import static java.util.Objects.requireNonNull;

import com.google.protobuf.CodedOutputStream;
import dev.xdslb.benchmarks.pick.EndpointPool;
import dev.xdslb.benchmarks.pick.MeasuredBalancer;
import io.grpc.Attributes;
import io.grpc.ClientStreamTracer;
import io.grpc.ClientStreamTracer.StreamInfo;
import io.grpc.EquivalentAddressGroup;
import io.grpc.LoadBalancer;
import io.grpc.LoadBalancer.PickResult;
import io.grpc.LoadBalancer.PickSubchannelArgs;
import io.grpc.LoadBalancer.ResolvedAddresses;
import io.grpc.LoadBalancer.Subchannel;
import io.grpc.LoadBalancerProvider;
import io.grpc.LoadBalancerRegistry;
import io.grpc.Metadata;
import io.grpc.Status;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A load-balancing policy of grpc-java with a channel's part of a call: pick, make the stream's tracer, tell it that the stream
 * was created and then closed. Its subchannels are always connected.
 */
public final class GrpcJavaCalls implements MeasuredBalancer {
    private static final StreamInfo STREAM = StreamInfo.newBuilder().build();
    private static final Metadata.Key<byte[]> LOAD_REPORT =
            Metadata.Key.of("endpoint-load-metrics-bin", Metadata.BINARY_BYTE_MARSHALLER);

    /** The subchannels differ by port; nobody connects there. */
    private static final String HOST = "10.0.0.1";

    /** Field numbers of xds.data.orca.v3.OrcaLoadReport. */
    private static final int CPU_UTILIZATION = 1;

    private static final int RPS_FRACTIONAL = 6;
    private static final double REQUESTS_PER_WEIGHT = 100; // per second; any number, the same for all

    /** The policy looks at its weights this often at most. */
    private static final long WEIGHT_UPDATE_MILLIS = 100;

    private final ConnectedHelper helper = new ConnectedHelper();
    private final LoadBalancer balancer;
    private final PickSubchannelArgs call = GrpcJavaPeer.call();

    private GrpcJavaCalls(EndpointPool pool, String policy, Map<String, ?> rawConfig) {
        LoadBalancerProvider provider =
                requireNonNull(LoadBalancerRegistry.getDefaultRegistry().getProvider(policy), policy);
        Object config = provider.parseLoadBalancingPolicyConfig(rawConfig).getConfig();
        balancer = provider.newLoadBalancer(helper);
        List<EquivalentAddressGroup> addresses = new ArrayList<>();
        for (int i = 0; i < pool.size(); i++) {
            addresses.add(new EquivalentAddressGroup(InetSocketAddress.createUnresolved(HOST, i)));
        }
        helper.getSynchronizationContext().execute(() -> {
            Status status = balancer.acceptResolvedAddresses(ResolvedAddresses.newBuilder()
                    .setAddresses(addresses)
                    .setLoadBalancingPolicyConfig(config)
                    .build());
            if (!status.isOk()) {
                throw new IllegalStateException("grpc-java refused the addresses: " + status);
            }
        });
    }

    /** Returns the policy with the fewest requests in flight of two. */
    public static MeasuredBalancer leastRequest(EndpointPool pool) {
        return new GrpcJavaCalls(pool, "least_request_experimental", Map.of());
    }

    /** Returns the policy with weights reported by the endpoints, after each has reported its own. */
    public static MeasuredBalancer weightedRoundRobin(EndpointPool pool) {
        GrpcJavaCalls calls = new GrpcJavaCalls(
                pool, "weighted_round_robin", Map.of("blackoutPeriod", "0s", "weightUpdatePeriod", "0.1s"));
        calls.reportWeights(pool);
        return calls;
    }

    @Override
    public Object pickAndRelease() {
        PickResult result = helper.picker().pickSubchannel(call);
        ClientStreamTracer.Factory factory = result.getStreamTracerFactory();
        if (factory != null) {
            ClientStreamTracer stream = factory.newClientStreamTracer(STREAM, call.getHeaders());
            stream.streamCreated(Attributes.EMPTY, call.getHeaders());
            stream.streamClosed(Status.OK);
        }
        return result;
    }

    @Override
    public void close() {
        helper.getSynchronizationContext().execute(balancer::shutdown);
    }

    private void reportWeights(EndpointPool pool) {
        Set<Integer> reported = new HashSet<>();
        while (reported.size() < pool.size()) {
            PickResult result = helper.picker().pickSubchannel(call);
            Subchannel subchannel = requireNonNull(result.getSubchannel(), "no subchannel is ready");
            InetSocketAddress address =
                    (InetSocketAddress) subchannel.getAddresses().getAddresses().get(0);
            int index = address.getPort();
            if (reported.add(index)) {
                Metadata trailers = new Metadata();
                trailers.put(LOAD_REPORT, report(pool.weight(index)));
                ClientStreamTracer stream = requireNonNull(
                                result.getStreamTracerFactory(), "the policy takes no load reports")
                        .newClientStreamTracer(STREAM, call.getHeaders());
                stream.inboundTrailers(trailers);
                stream.streamClosed(Status.OK);
            }
        }
        try {
            Thread.sleep(2 * WEIGHT_UPDATE_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static byte[] report(int weight) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        CodedOutputStream out = CodedOutputStream.newInstance(bytes);
        try {
            out.writeDouble(CPU_UTILIZATION, 1);
            out.writeDouble(RPS_FRACTIONAL, REQUESTS_PER_WEIGHT * weight);
            out.flush();
        } catch (IOException e) {
            throw new IllegalStateException("cannot encode a load report", e);
        }
        return bytes.toByteArray();
    }
}
