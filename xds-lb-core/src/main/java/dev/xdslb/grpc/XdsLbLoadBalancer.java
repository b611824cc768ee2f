/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.grpc;

import dev.xdslb.cluster.Cluster;
import dev.xdslb.cluster.ClusterPicker;
import dev.xdslb.endpoint.Endpoint;
import dev.xdslb.endpoint.EndpointKey;
import io.grpc.ConnectivityState;
import io.grpc.LoadBalancer;
import io.grpc.Status;
import io.grpc.SynchronizationContext.ScheduledHandle;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One channel's connections, one per endpoint that may get requests, and the picker over those that are ready. It is told the
 * cluster once, and then listens to it.
 *
 * <p>Everything that outlives the channel's idle times (load, ejection), and the plan, lives in the {@link Cluster}; here are only
 * connections. All methods but {@link #onNews} run in the channel's synchronization context; what other threads read is the
 * {@link CallPicker}, which is replaced whole when the connections change.
 */
final class XdsLbLoadBalancer extends LoadBalancer {
    private static final Logger log = LoggerFactory.getLogger(XdsLbLoadBalancer.class);

    /** How many unreachable endpoints an error message names. */
    private static final int MAX_NAMED = 5;

    private final Helper helper;
    private final LongSupplier nanoClock;
    private final Map<EndpointKey, EndpointConnection> connections = new LinkedHashMap<>();
    private final AtomicBoolean newsAhead = new AtomicBoolean(); // set on any thread
    private @Nullable Cluster cluster; // null until the resolver has told it, and after the end
    private Cluster.@Nullable Registration news;
    private @Nullable ClusterPicker followed; // whose endpoints the connections are to
    private @Nullable ChannelView published; // null where something else is
    private @Nullable CallPicker picker; // null where the channel has another one
    private boolean publicationAhead;
    private boolean saidHealth; // that health checks are not made
    private @Nullable ScheduledHandle timer; // null while no attempt to connect is under way
    private long timerAt; // nanoseconds of the clock

    XdsLbLoadBalancer(Helper helper) {
        this(helper, System::nanoTime);
    }

    XdsLbLoadBalancer(Helper helper, LongSupplier nanoClock) {
        this.helper = helper;
        this.nanoClock = nanoClock;
    }

    @Override
    public Status acceptResolvedAddresses(ResolvedAddresses resolved) {
        Cluster told = resolved.getAttributes().get(XdsLbNameResolver.CLUSTER);
        if (told == null) {
            Status error = Status.UNAVAILABLE.withDescription("load-balancing policy \"" + XdsLbGrpc.POLICY
                    + "\" has the addresses of another resolver (expected: a target such as " + XdsLbGrpc.SCHEME
                    + ":///orders.shop:8080)");
            handleNameResolutionError(error);
            return error;
        }
        Runnable listening = resolved.getAttributes().get(XdsLbNameResolver.LISTENING);
        if (listening != null) {
            listening.run();
        }
        if (!saidHealth
                && !XdsLbLoadBalancerProvider.HAS_HEALTH_CHECKS
                && resolved.getAttributes().get(ATTR_HEALTH_CHECKING_CONFIG) != null) {
            saidHealth = true;
            log.warn(
                    "{}: the channel's healthCheckConfig is not obeyed: it needs io.grpc:grpc-services on the class path",
                    told.resource());
        }
        if (told != cluster) {
            stopListening();
            cluster = told;
            published = null;
            news = told.onPublish(this::onNews);
        }
        follow(told);
        return Status.OK;
    }

    @Override
    public void handleNameResolutionError(Status error) {
        if (connections.isEmpty()) {
            published = null;
            picker = null;
            helper.updateBalancingState(
                    ConnectivityState.TRANSIENT_FAILURE, new FixedResultPicker(PickResult.withError(error)));
        }
    }

    @Override
    public void shutdown() {
        stopListening();
        cluster = null;
        if (timer != null) {
            timer.cancel();
        }
        connections.values().forEach(EndpointConnection::close);
        connections.clear();
    }

    private void stopListening() {
        if (news != null) {
            news.close();
        }
    }

    /**
     * The cluster has published. Called on any thread, such as an event loop that has just ended a call: where the endpoints are the
     * same, and no call waits, nothing follows from it.
     */
    private void onNews() {
        if (newsAhead.compareAndSet(false, true)) {
            helper.getSynchronizationContext().execute(() -> {
                newsAhead.set(false);
                if (cluster != null) {
                    look(cluster);
                }
            });
        }
    }

    private void look(Cluster at) {
        if (followed == null || !at.picker().hasSameEndpoints(followed)) {
            follow(at);
        } else if (picker != null && picker.isWaitedFor()) {
            published = null;
            publish();
        }
    }

    /** Connects to the endpoints that the cluster has now. */
    private void follow(Cluster to) {
        ClusterPicker newest = to.picker();
        followed = newest;
        Map<EndpointKey, EndpointConnection> gone = new HashMap<>(connections);
        for (Endpoint endpoint : newest.endpoints()) {
            EndpointKey key = endpoint.key();
            if (endpoint.health().receivesRequests() && gone.remove(key) == null && !connections.containsKey(key)) {
                EndpointConnection connection =
                        new EndpointConnection(key, helper, nanoClock, this::publishSoon, to::connectionFailed);
                connections.put(key, connection);
                connection.start();
            }
        }
        connections.keySet().removeAll(gone.keySet());
        if (picker != null && picker.isWaitedFor()) {
            published = null;
        }
        publish();
        gone.values().forEach(EndpointConnection::close);
    }

    /**
     * Publishes once for all changes that the synchronization context has in store: what is published takes time in proportion to
     * the endpoints, and thousands of connections may be made at the same moment.
     */
    private void publishSoon() {
        if (!publicationAhead) {
            publicationAhead = true;
            helper.getSynchronizationContext().execute(() -> {
                publicationAhead = false;
                publish();
            });
        }
    }

    /** Publishes, unless the channel has the same already. */
    private void publish() {
        if (cluster == null) {
            return;
        }
        long now = nanoClock.getAsLong();
        ChannelView view = ChannelView.of(connections.values(), now);
        if (!view.equals(published)) {
            published = view;
            if (view.isUnreachable()) {
                picker = null;
                helper.updateBalancingState(
                        view.state(), new FixedResultPicker(PickResult.withError(unreachable(cluster.resource()))));
            } else {
                picker = new CallPicker(cluster, view, FailureCodes.DEFAULT);
                helper.updateBalancingState(view.state(), picker);
            }
        }
        lookAgain(now);
    }

    /** Sets the timer to the next moment at which an attempt to connect reaches one of its bounds. */
    private void lookAgain(long now) {
        long nanos = Long.MAX_VALUE;
        for (EndpointConnection connection : connections.values()) {
            nanos = Math.min(nanos, connection.nanosUntilLook(now));
        }
        if (nanos == Long.MAX_VALUE || (timer != null && timer.isPending() && timerAt - (now + nanos) <= 0)) {
            return; // what it is set to is early enough
        }
        if (timer != null) {
            timer.cancel();
        }
        timerAt = now + nanos;
        timer = helper.getSynchronizationContext()
                .schedule(this::lookAtAttempts, nanos, TimeUnit.NANOSECONDS, helper.getScheduledExecutorService());
    }

    private void lookAtAttempts() {
        timer = null;
        long now = nanoClock.getAsLong();
        for (EndpointConnection connection : connections.values()) {
            connection.look(now);
        }
        publish();
    }

    private Status unreachable(String resource) {
        String named = connections.values().stream()
                .limit(MAX_NAMED)
                .map(connection -> connection.key().address() + " (" + describe(connection.error()) + ")")
                .collect(Collectors.joining(", "));
        int unnamed = connections.size() - MAX_NAMED;
        EndpointConnection first = connections.values().iterator().next();
        return Status.UNAVAILABLE
                .withDescription("no endpoint of " + resource + " can be connected to: " + named
                        + (unnamed > 0 ? " and " + unnamed + " more" : ""))
                .withCause(first.error().getCause());
    }

    private static String describe(Status error) {
        Throwable cause = error.getCause();
        String description = error.getDescription();
        if (cause == null || cause.getMessage() == null) {
            return description == null ? error.getCode().toString() : description;
        }
        return cause.getMessage();
    }
}
