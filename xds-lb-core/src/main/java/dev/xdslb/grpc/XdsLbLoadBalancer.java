/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.grpc;

import dev.xdslb.cluster.Cluster;
import dev.xdslb.endpoint.EndpointKey;
import dev.xdslb.policy.Plan;
import dev.xdslb.policy.Pool;
import io.grpc.ConnectivityState;
import io.grpc.ConnectivityStateInfo;
import io.grpc.EquivalentAddressGroup;
import io.grpc.LoadBalancer;
import io.grpc.Status;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * One channel's connections, one per endpoint that may get requests, and the picker over those that are ready.
 *
 * <p>Everything that outlives the channel's idle times (load, ejection) lives in the {@link Cluster}; here are only
 * connections. All methods run in the channel's synchronization context; what other threads read is the
 * {@link CallPicker}, which is immutable and replaced whole.
 */
final class XdsLbLoadBalancer extends LoadBalancer {
    /** How many unreachable endpoints an error message names. */
    private static final int MAX_NAMED = 5;

    private final Helper helper;
    private final Map<EndpointKey, Connection> connections = new LinkedHashMap<>();
    private @Nullable Cluster cluster; // null until the resolver has told it, and after the end
    private boolean publicationAhead;

    XdsLbLoadBalancer(Helper helper) {
        this.helper = helper;
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
        cluster = told;
        Map<EndpointKey, Connection> gone = new HashMap<>(connections);
        for (EquivalentAddressGroup address : resolved.getAddresses()) {
            EndpointKey key = address.getAttributes().get(XdsLbNameResolver.ENDPOINT);
            if (key != null && gone.remove(key) == null) {
                Connection connection = new Connection(key, address);
                connections.put(key, connection);
                connection.start();
            }
        }
        connections.keySet().removeAll(gone.keySet());
        publish(told);
        gone.values().forEach(connection -> connection.subchannel.shutdown());
        return Status.OK;
    }

    @Override
    public void handleNameResolutionError(Status error) {
        if (connections.isEmpty()) {
            helper.updateBalancingState(
                    ConnectivityState.TRANSIENT_FAILURE, new FixedResultPicker(PickResult.withError(error)));
        }
    }

    @Override
    public void shutdown() {
        connections.values().forEach(connection -> connection.subchannel.shutdown());
        connections.clear();
        cluster = null;
    }

    /**
     * Publishes once for all changes that the synchronization context has in store: a picker takes time in proportion to the
     * endpoints, and thousands of connections may be made at the same moment.
     */
    private void publishSoon() {
        if (!publicationAhead) {
            publicationAhead = true;
            helper.getSynchronizationContext().execute(() -> {
                publicationAhead = false;
                if (cluster != null) {
                    publish(cluster);
                }
            });
        }
    }

    private void publish(Cluster of) {
        Map<EndpointKey, Subchannel> ready = new HashMap<>();
        Set<EndpointKey> connecting = new HashSet<>();
        for (Connection connection : connections.values()) {
            switch (connection.state) {
                case READY -> ready.put(connection.key, connection.subchannel);
                case TRANSIENT_FAILURE, SHUTDOWN -> {}
                case IDLE, CONNECTING -> connecting.add(connection.key);
            }
        }
        if (!connecting.isEmpty() && !anyEligible(ready.keySet(), of.picker().plan())) {
            helper.updateBalancingState(ConnectivityState.CONNECTING, new FixedResultPicker(PickResult.withNoResult()));
        } else if (ready.isEmpty() && !connections.isEmpty()) {
            helper.updateBalancingState(
                    ConnectivityState.TRANSIENT_FAILURE,
                    new FixedResultPicker(PickResult.withError(unreachable(of.resource()))));
        } else {
            helper.updateBalancingState(
                    ready.isEmpty() ? ConnectivityState.TRANSIENT_FAILURE : ConnectivityState.READY,
                    pickerOver(ready, connecting, of));
        }
    }

    private static SubchannelPicker pickerOver(
            Map<EndpointKey, Subchannel> ready, Set<EndpointKey> connecting, Cluster cluster) {
        return new CallPicker(cluster, cluster.picker(), ready, connecting, FailureCodes.DEFAULT);
    }

    /**
     * Whether the cluster, left to itself, would pick one of these. Where not, such as while the first connection of a new
     * channel is the one to an ejected endpoint, it is better to wait for the others than to settle for what is there.
     */
    private static boolean anyEligible(Set<EndpointKey> ready, Plan plan) {
        for (Pool group : plan.groups()) {
            for (int i = 0; i < group.size(); i++) {
                if (ready.contains(group.get(i).endpoint().key())) {
                    return true;
                }
            }
        }
        return false;
    }

    private Status unreachable(String resource) {
        String named = connections.values().stream()
                .limit(MAX_NAMED)
                .map(connection -> connection.key.address() + " (" + describe(connection.error) + ")")
                .collect(Collectors.joining(", "));
        int unnamed = connections.size() - MAX_NAMED;
        Connection first = connections.values().iterator().next();
        return Status.UNAVAILABLE
                .withDescription("no endpoint of " + resource + " can be connected to: " + named
                        + (unnamed > 0 ? " and " + unnamed + " more" : ""))
                .withCause(first.error.getCause());
    }

    private static String describe(Status error) {
        Throwable cause = error.getCause();
        String description = error.getDescription();
        if (cause == null || cause.getMessage() == null) {
            return description == null ? error.getCode().toString() : description;
        }
        return cause.getMessage();
    }

    /** One endpoint and what this channel's connection to it is doing. */
    private final class Connection {
        private final EndpointKey key;
        private final Subchannel subchannel;
        private ConnectivityState state = ConnectivityState.CONNECTING;
        private Status error = Status.OK; // why it could not connect; only where state is TRANSIENT_FAILURE

        private Connection(EndpointKey key, EquivalentAddressGroup address) {
            this.key = key;
            this.subchannel = helper.createSubchannel(
                    CreateSubchannelArgs.newBuilder().setAddresses(address).build());
        }

        private void start() {
            subchannel.start(this::onState);
            subchannel.requestConnection();
        }

        private void onState(ConnectivityStateInfo told) {
            if (cluster == null || connections.get(key) != this) {
                return; // the endpoint went in the meantime
            }
            ConnectivityState now = told.getState();
            if (now == ConnectivityState.IDLE) { // after a GOAWAY, or when the time to wait after a failure is over
                subchannel.requestConnection();
                now = ConnectivityState.CONNECTING;
            }
            if (state == ConnectivityState.TRANSIENT_FAILURE && now == ConnectivityState.CONNECTING) {
                return; // failed until it succeeds: while nothing can be reached, calls fail at once instead of waiting
            }
            boolean subsetIsWaitedFor = state != now && cluster.settings().subset() != null;
            boolean picksChange =
                    state == ConnectivityState.READY || now == ConnectivityState.READY || subsetIsWaitedFor;
            state = now;
            error = told.getStatus();
            if (picksChange || connections.values().stream().noneMatch(Connection::isReady)) {
                publishSoon();
            }
        }

        private boolean isReady() {
            return state == ConnectivityState.READY;
        }
    }
}
