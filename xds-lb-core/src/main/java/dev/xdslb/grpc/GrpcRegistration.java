/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.grpc;

import dev.xdslb.cluster.ClusterRegistry;
import io.grpc.ManagedChannelBuilder;
import java.util.concurrent.atomic.AtomicBoolean;

/** One application's clusters as grpc-java sees them, from {@link XdsLbGrpc#register} until it is closed. Thread-safe. */
public final class GrpcRegistration implements AutoCloseable {
    private final ClusterRegistry clusters;
    private final String defaultNamespace;
    private final XdsLbNameResolverProvider provider = new XdsLbNameResolverProvider(this);
    private final AtomicBoolean saidOfConfig = new AtomicBoolean(); // that a channel's own is not used
    private volatile boolean closed;

    GrpcRegistration(ClusterRegistry clusters, String defaultNamespace) {
        this.clusters = clusters;
        this.defaultNamespace = defaultNamespace;
    }

    /**
     * Ties a channel to this registration, whichever one is the newest when the channel is built, and lets retries of its calls
     * go to other endpoints. Has no effect on targets of other schemes.
     */
    public void bind(ManagedChannelBuilder<?> channel) {
        channel.setNameResolverArg(XdsLbGrpc.REGISTRATION, this);
        channel.intercept(CallAttempts.INTERCEPTOR);
    }

    /**
     * Ties a channel like {@link #bind(ManagedChannelBuilder)}, and leaves it its default service config. Where the target is ours,
     * our policy becomes the channel's default one, and the resolver sends no service config that would take the
     * place of retries, time-outs and whatever else the default one says. A load-balancing policy that is set
     * later, or by the default service config, is used instead of ours, which a warning then says.
     *
     * @param target what the channel is built for
     */
    public void bind(ManagedChannelBuilder<?> channel, String target) {
        bind(channel);
        if (target.startsWith(XdsLbGrpc.SCHEME + ':')) {
            channel.defaultLoadBalancingPolicy(XdsLbGrpc.POLICY);
            channel.setNameResolverArg(XdsLbGrpc.POLICY_IS_SET, true);
        }
    }

    /**
     * Takes the scheme back. Channels that are open keep the endpoints that they have; one that was idle and is called
     * again fails its calls with an error that says so.
     */
    @Override
    public void close() {
        closed = true;
        XdsLbGrpc.deregister(this);
    }

    /** Returns whether nobody has asked this before. */
    boolean isFirstWithoutItsConfig() {
        return saidOfConfig.compareAndSet(false, true);
    }

    boolean isClosed() {
        return closed;
    }

    ClusterRegistry clusters() {
        return clusters;
    }

    String defaultNamespace() {
        return defaultNamespace;
    }

    XdsLbNameResolverProvider provider() {
        return provider;
    }
}
