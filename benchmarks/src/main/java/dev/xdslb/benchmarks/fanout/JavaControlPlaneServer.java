/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.benchmarks.fanout;

import static java.util.Objects.requireNonNull;

import io.envoyproxy.controlplane.cache.v3.SimpleCache;
import io.envoyproxy.controlplane.cache.v3.Snapshot;
import io.envoyproxy.controlplane.server.DefaultExecutorGroup;
import io.envoyproxy.controlplane.server.V3DiscoveryServer;
import io.envoyproxy.controlplane.server.serializer.CachedProtoResourcesSerializer;
import io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment;
import io.grpc.netty.NettyServerBuilder;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * java-control-plane, in one of two arrangements.
 *
 * <p>One snapshot for all clients is that of its own examples: whoever knows the services needs to know nothing of the clients, and
 * a change is looked at for each of them. A snapshot for each client, with the services that it subscribes to and no others, is the
 * fastest for this load: a change costs nothing for clients that it does not concern. For that one has to know the subscriptions of
 * every client beforehand. In both, resources are serialized once.
 */
final class JavaControlPlaneServer implements ServerUnderTest {
    /** The group of all clients, where they have one. */
    private static final int ALL = 0;

    private final Consumer<NettyServerBuilder> customizer;
    private final int streams;
    private final boolean perClient;
    private final SimpleCache<Integer> cache;
    private final Map<Integer, List<Integer>> subscribers = new HashMap<>(); // streams by service
    private final List<ClusterLoadAssignment> resources = new ArrayList<>(); // by service
    private @Nullable SyntheticData data;
    private @Nullable Changes changes;

    /**
     * Creates it.
     *
     * @param perClient whether each client has a snapshot of its own
     */
    JavaControlPlaneServer(boolean perClient, int streams, Consumer<NettyServerBuilder> customizer) {
        this.perClient = perClient;
        this.cache = new SimpleCache<>(node -> perClient ? LeanRequests.streamOf(node.getId()) : ALL);
        this.streams = streams;
        this.customizer = customizer;
    }

    @Override
    public int start(Changes all, int bystanders, SyntheticData synthetic, Map<Integer, Integer> later, int port)
            throws IOException {
        data = synthetic;
        changes = all;
        for (int service = 0; service < all.services() + bystanders; service++) {
            int change = later.getOrDefault(service, service);
            resources.add(synthetic.assignment(service, change));
        }
        for (int stream = 0; perClient && stream < streams; stream++) {
            for (int n = 0; n < all.subscriptions(); n++) {
                subscribers
                        .computeIfAbsent(all.subscribed(stream, n), service -> new ArrayList<>())
                        .add(stream);
            }
            cache.setSnapshot(stream, snapshot(subscribed(stream), "start"));
        }
        if (!perClient) {
            cache.setSnapshot(ALL, snapshot(resources, "start"));
        }
        V3DiscoveryServer discovery = new V3DiscoveryServer(
                List.of(), cache, new DefaultExecutorGroup(), new CachedProtoResourcesSerializer());
        NettyServerBuilder builder = NettyServerBuilder.forAddress(
                        new InetSocketAddress(InetAddress.getLoopbackAddress(), port))
                .addService(discovery.getAggregatedDiscoveryServiceImpl());
        customizer.accept(builder);
        return builder.build().start().getPort();
    }

    @Override
    public void apply(int change) {
        int service = requireNonNull(changes).serviceOf(change);
        resources.set(service, requireNonNull(data).changed(resources.get(service), service, change));
        String version = Integer.toString(change);
        if (!perClient) {
            cache.setSnapshot(ALL, snapshot(resources, version));
        }
        for (int stream : subscribers.getOrDefault(service, List.of())) {
            cache.setSnapshot(stream, snapshot(subscribed(stream), version));
        }
    }

    private List<ClusterLoadAssignment> subscribed(int stream) {
        Changes all = requireNonNull(changes);
        List<ClusterLoadAssignment> subscribed = new ArrayList<>();
        for (int n = 0; n < all.subscriptions(); n++) {
            subscribed.add(resources.get(all.subscribed(stream, n)));
        }
        return subscribed;
    }

    private static Snapshot snapshot(List<ClusterLoadAssignment> assignments, String version) {
        return Snapshot.create(List.of(), assignments, List.of(), List.of(), List.of(), version);
    }
}
