/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.grpc;

import dev.xdslb.cluster.Cluster;
import dev.xdslb.endpoint.Endpoint;
import dev.xdslb.endpoint.EndpointKey;
import io.grpc.Attributes;
import io.grpc.EquivalentAddressGroup;
import io.grpc.NameResolver;
import io.grpc.Status;
import io.grpc.StatusOr;
import io.grpc.SynchronizationContext;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Tells one channel which endpoints its cluster has, each time the cluster publishes, beginning when it is known whether
 * there are any: until then the channel holds its calls back.
 *
 * <p>All fields are written and read in the channel's synchronization context.
 */
final class XdsLbNameResolver extends NameResolver {
    /** The cluster that the addresses are of. */
    static final Attributes.Key<Cluster> CLUSTER = Attributes.Key.create("dev.xdslb.grpc.cluster");

    /** Which endpoint an address is of. */
    @EquivalentAddressGroup.Attr
    static final Attributes.Key<EndpointKey> ENDPOINT = Attributes.Key.create("dev.xdslb.grpc.endpoint");

    /** Round robin is for a channel whose registry of policies lacks ours: balanced less well is better than failed. */
    private static final Map<String, ?> SERVICE_CONFIG =
            Map.of("loadBalancingConfig", List.of(Map.of(XdsLbGrpc.POLICY, Map.of()), Map.of("round_robin", Map.of())));

    private final GrpcTarget target;
    private final GrpcRegistration registration;
    private final SynchronizationContext context;
    private final ConfigOrError serviceConfig;
    private Map<EndpointKey, EquivalentAddressGroup> addresses = Map.of(); // kept, because making one parses text
    private Cluster.@Nullable Registration publications;
    private boolean shutdown;

    XdsLbNameResolver(GrpcTarget target, GrpcRegistration registration, Args args) {
        this.target = target;
        this.registration = registration;
        this.context = args.getSynchronizationContext();
        this.serviceConfig = args.getServiceConfigParser().parseServiceConfig(SERVICE_CONFIG);
    }

    @Override
    public String getServiceAuthority() {
        return target.authority();
    }

    @Override
    public void start(Listener2 listener) {
        if (registration.isClosed()) {
            Status closed = Status.UNAVAILABLE.withDescription("cannot resolve " + XdsLbGrpc.SCHEME + ":///"
                    + target.service().resource() + ": the application that registered xds-lb has ended");
            context.execute(() -> listener.onResult2(ResolutionResult.newBuilder()
                    .setAddressesOrError(StatusOr.fromStatus(closed))
                    .build()));
            return;
        }
        Cluster cluster = registration.clusters().cluster(target.resource());
        Runnable tell = () -> context.execute(() -> tell(cluster, listener));
        publications = cluster.onPublish(tell);
        cluster.settled().thenRun(tell);
    }

    @Override
    public void shutdown() {
        shutdown = true;
        if (publications != null) {
            publications.close();
        }
    }

    private void tell(Cluster cluster, Listener2 listener) {
        if (shutdown || !cluster.isSettled()) {
            return;
        }
        Map<EndpointKey, EquivalentAddressGroup> before = addresses;
        Map<EndpointKey, EquivalentAddressGroup> now = new HashMap<>();
        for (Endpoint endpoint : cluster.endpoints()) {
            if (endpoint.health().receivesRequests()) {
                EquivalentAddressGroup known = before.get(endpoint.key());
                now.put(endpoint.key(), known == null ? addressOf(endpoint.key()) : known);
            }
        }
        addresses = now;
        listener.onResult2(ResolutionResult.newBuilder()
                .setAddressesOrError(StatusOr.fromValue(List.copyOf(now.values())))
                .setAttributes(Attributes.newBuilder().set(CLUSTER, cluster).build())
                .setServiceConfig(serviceConfig)
                .build());
    }

    private static EquivalentAddressGroup addressOf(EndpointKey key) {
        return new EquivalentAddressGroup(
                new InetSocketAddress(key.host(), key.port()),
                Attributes.newBuilder().set(ENDPOINT, key).build());
    }
}
