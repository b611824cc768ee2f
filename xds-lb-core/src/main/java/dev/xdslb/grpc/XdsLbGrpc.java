/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.grpc;

import static java.util.Objects.requireNonNull;

import dev.xdslb.cluster.ClusterRegistry;
import dev.xdslb.endpoint.Endpoint;
import io.grpc.CallOptions;
import io.grpc.LoadBalancerRegistry;
import io.grpc.ManagedChannelBuilder;
import io.grpc.NameResolver;
import io.grpc.NameResolverRegistry;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Consumer;
import org.apiguardian.api.API;
import org.jspecify.annotations.Nullable;

/**
 * Makes targets such as {@code xdslb:///orders.shop:8080} known to grpc-java, and balances their calls one by one over
 * the endpoints of the cluster.
 *
 * <p>A target is {@code xdslb:///<service>[.<namespace>][:<port>]}, the port by number or by name. Nothing else has to
 * be configured on a channel: the resolver brings a service config that selects the policy, and grpc-java puts that one
 * before the channel's default policy. It also puts it before a default service config of the channel, whose retry and
 * timeout rules are then not used, unless the channel is tied by {@link GrpcRegistration#bind(ManagedChannelBuilder, String)}.
 *
 * <p>The attempts of one call are known to belong together only in a channel that is tied. In one that is not, a retry may go to the same
 * endpoint again, and a call that is given up between its pick and its stream, which grpc-java never closes, counts as in flight until the
 * maximum lease age.
 *
 * <p>grpc-java's registries exist once in a JVM, applications may not. While several are registered, the newest one
 * serves the channels that are built; {@link GrpcRegistration#bind} ties a channel to one whatever the order. A channel
 * stays with the registration that it was built with.
 *
 * <p>The registrations that are open are written and read under this class's lock only.
 */
public final class XdsLbGrpc {
    /** The scheme of the targets. */
    public static final String SCHEME = "xdslb";

    /** The name of the load-balancing policy. */
    public static final String POLICY = "xdslb";

    /**
     * Who is told where each attempt of a call goes, by the thread that sends it, just before it does. Must not block and must
     * not throw.
     */
    @API(status = API.Status.INTERNAL)
    public static final CallOptions.Key<@Nullable Consumer<Endpoint>> ATTEMPT_LISTENER =
            CallOptions.Key.create("dev.xdslb.grpc.attempt-listener");

    static final NameResolver.Args.Key<GrpcRegistration> REGISTRATION =
            NameResolver.Args.Key.create("dev.xdslb.grpc.registration");

    /** Whether the policy is the channel's default one, so that no service config has to select it. */
    static final NameResolver.Args.Key<Boolean> POLICY_IS_SET =
            NameResolver.Args.Key.create("dev.xdslb.grpc.policy-is-set");

    private static final XdsLbLoadBalancerProvider POLICY_PROVIDER = new XdsLbLoadBalancerProvider();

    private static final Deque<GrpcRegistration> OPEN = new ArrayDeque<>(); // newest first; only that one is registered

    private XdsLbGrpc() {}

    /**
     * Registers scheme and policy with grpc-java until the result is closed.
     *
     * @param clusters where the endpoints come from; stays the caller's to close, after the registration
     * @param defaultNamespace the namespace of targets that name none; empty to leave that to the control plane
     */
    public static GrpcRegistration register(ClusterRegistry clusters, String defaultNamespace) {
        GrpcRegistration registration =
                new GrpcRegistration(requireNonNull(clusters, "clusters"), requireNonNull(defaultNamespace));
        synchronized (XdsLbGrpc.class) {
            if (OPEN.isEmpty()) {
                LoadBalancerRegistry.getDefaultRegistry().register(POLICY_PROVIDER);
            }
            replaceProvider(OPEN.peek(), registration);
            OPEN.push(registration);
        }
        return registration;
    }

    static synchronized void deregister(GrpcRegistration registration) {
        boolean serving = OPEN.peek() == registration;
        if (!OPEN.remove(registration)) {
            return;
        }
        if (serving) {
            replaceProvider(registration, OPEN.peek());
        }
        if (OPEN.isEmpty()) {
            LoadBalancerRegistry.getDefaultRegistry().deregister(POLICY_PROVIDER);
        }
    }

    /** Exchanges what serves the scheme; the new one comes before the old one goes, so that the scheme is never unknown. */
    private static void replaceProvider(@Nullable GrpcRegistration before, @Nullable GrpcRegistration after) {
        NameResolverRegistry registry = NameResolverRegistry.getDefaultRegistry();
        if (after != null) {
            registry.register(after.provider());
        }
        if (before != null) {
            registry.deregister(before.provider());
        }
    }
}
