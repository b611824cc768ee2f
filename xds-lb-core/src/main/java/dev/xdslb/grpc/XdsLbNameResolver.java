/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.grpc;

import dev.xdslb.cluster.Cluster;
import dev.xdslb.cluster.ClusterPicker;
import dev.xdslb.endpoint.EndpointKey;
import io.grpc.Attributes;
import io.grpc.EquivalentAddressGroup;
import io.grpc.NameResolver;
import io.grpc.Status;
import io.grpc.StatusOr;
import io.grpc.SynchronizationContext;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells one channel which cluster it calls, as soon as it is known whether that has endpoints: until then the channel holds its
 * calls back. Our policy then listens to the cluster by itself. Another policy, which a channel has whose settings
 * leave ours out, is told the addresses each time the cluster publishes.
 *
 * <p>All fields but {@code newsAhead} are written and read in the channel's synchronization context.
 */
final class XdsLbNameResolver extends NameResolver {
    /** The cluster that the addresses are of. */
    static final Attributes.Key<Cluster> CLUSTER = Attributes.Key.create("dev.xdslb.grpc.cluster");

    /** To be run by a policy that listens to the cluster: it is told no more addresses. */
    static final Attributes.Key<Runnable> LISTENING = Attributes.Key.create("dev.xdslb.grpc.listening");

    /** Which endpoint an address is of. */
    @EquivalentAddressGroup.Attr
    static final Attributes.Key<EndpointKey> ENDPOINT = Attributes.Key.create("dev.xdslb.grpc.endpoint");

    private static final Logger log = LoggerFactory.getLogger(XdsLbNameResolver.class);

    /** Round robin is for a channel whose registry of policies lacks ours: balanced less well is better than failed. */
    private static final Map<String, ?> SERVICE_CONFIG =
            Map.of("loadBalancingConfig", List.of(Map.of(XdsLbGrpc.POLICY, Map.of()), Map.of("round_robin", Map.of())));

    private final GrpcTarget target;
    private final GrpcRegistration registration;
    private final SynchronizationContext context;
    private final @Nullable ConfigOrError serviceConfig; // null where the channel keeps its own
    private final AtomicBoolean newsAhead = new AtomicBoolean(); // set on any thread
    private @Nullable Listener2 listener; // null before the start
    private @Nullable ClusterPicker told; // whose endpoints the channel was told
    private Cluster.@Nullable Registration publications;
    private boolean listenedTo; // the policy listens to the cluster itself
    private boolean warned;
    private boolean shutdown;

    XdsLbNameResolver(GrpcTarget target, GrpcRegistration registration, Args args) {
        this.target = target;
        this.registration = registration;
        this.context = args.getSynchronizationContext();
        this.serviceConfig = Boolean.TRUE.equals(args.getArg(XdsLbGrpc.POLICY_IS_SET))
                ? null
                : args.getServiceConfigParser().parseServiceConfig(SERVICE_CONFIG);
        if (serviceConfig != null && registration.isFirstWithoutItsConfig()) { // whether it has one cannot be seen
            log.info(
                    "the channel to {}:///{} is not tied to xds-lb, so where it has a default service config (retries,"
                            + " time-outs, health checks) that is not used. GrpcRegistration.bind(builder, target) or"
                            + " XdsLb.bind(builder, target) ties it, and lets retries go to other endpoints. This is said"
                            + " of the first such channel",
                    XdsLbGrpc.SCHEME,
                    target.service().resource());
        }
    }

    @Override
    public String getServiceAuthority() {
        return target.authority();
    }

    @Override
    public void start(Listener2 channel) {
        listener = channel;
        resolve(channel);
    }

    /** Tries again where the cluster could not be had; the channel asks for it after each error. */
    @Override
    public void refresh() {
        if (publications == null && listener != null && !shutdown) {
            resolve(listener);
        }
    }

    private void resolve(Listener2 channel) {
        if (registration.isClosed()) {
            fail(channel, "the application that registered xds-lb has ended", null);
            return;
        }
        Cluster cluster;
        try {
            cluster = registration.clusters().cluster(target.resource());
        } catch (Throwable e) { // of the application's settings; thrown on, it would end the channel
            fail(channel, String.valueOf(e.getMessage()), e);
            return;
        }
        publications = cluster.onPublish(() -> tellLater(cluster, channel));
        cluster.settled().thenRun(() -> tellLater(cluster, channel));
    }

    private void fail(Listener2 channel, String why, @Nullable Throwable cause) {
        Status error = Status.UNAVAILABLE
                .withDescription("cannot resolve " + XdsLbGrpc.SCHEME + ":///"
                        + target.service().resource() + ": " + why)
                .withCause(cause);
        context.execute(() -> channel.onResult2(ResolutionResult.newBuilder()
                .setAddressesOrError(StatusOr.fromStatus(error))
                .build()));
    }

    @Override
    public void shutdown() {
        shutdown = true;
        if (publications != null) {
            publications.close();
        }
    }

    private void tellLater(Cluster cluster, Listener2 channel) {
        if (newsAhead.compareAndSet(false, true)) {
            context.execute(() -> {
                newsAhead.set(false);
                tell(cluster, channel);
            });
        }
    }

    private void tell(Cluster cluster, Listener2 channel) {
        ClusterPicker newest = cluster.picker();
        if (shutdown || listenedTo || !cluster.isSettled() || (told != null && newest.hasSameEndpoints(told))) {
            return;
        }
        told = newest;
        List<EquivalentAddressGroup> addresses = newest.endpoints().stream()
                .filter(endpoint -> endpoint.health().receivesRequests())
                .map(endpoint -> addressOf(endpoint.key()))
                .toList();
        channel.onResult2(ResolutionResult.newBuilder()
                .setAddressesOrError(StatusOr.fromValue(addresses))
                .setAttributes(Attributes.newBuilder()
                        .set(CLUSTER, cluster)
                        .set(LISTENING, this::beListenedTo)
                        .build())
                .setServiceConfig(serviceConfig)
                .build());
        if (!listenedTo && !shutdown && !warned) {
            warned = true;
            log.warn(
                    "calls to {}:///{} are not balanced by xds-lb: this channel has another load-balancing policy. Where it is"
                            + " built with disableServiceConfigLookUp(), or with registries of its own, add"
                            + " defaultLoadBalancingPolicy(\"{}\")",
                    XdsLbGrpc.SCHEME,
                    target.service().resource(),
                    XdsLbGrpc.POLICY);
        }
    }

    private void beListenedTo() {
        listenedTo = true;
        if (publications != null) {
            publications.close(); // the policy's own keeps the cluster awake
        }
    }

    /** A name stays one: to look it up would hold up everything that the channel does. */
    private static EquivalentAddressGroup addressOf(EndpointKey key) {
        InetSocketAddress address = HostAddresses.isLiteral(key.host())
                ? new InetSocketAddress(key.host(), key.port())
                : InetSocketAddress.createUnresolved(key.host(), key.port());
        return new EquivalentAddressGroup(
                address, Attributes.newBuilder().set(ENDPOINT, key).build());
    }
}
