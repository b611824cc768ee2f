/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.grpc;

import dev.xdslb.endpoint.Endpoint;
import dev.xdslb.xds.ManualExecutor;
import io.grpc.Attributes;
import io.grpc.ConnectivityState;
import io.grpc.ConnectivityStateInfo;
import io.grpc.EquivalentAddressGroup;
import io.grpc.LoadBalancer.CreateSubchannelArgs;
import io.grpc.LoadBalancer.Helper;
import io.grpc.LoadBalancer.Subchannel;
import io.grpc.LoadBalancer.SubchannelPicker;
import io.grpc.LoadBalancer.SubchannelStateListener;
import io.grpc.ManagedChannel;
import io.grpc.NameResolver;
import io.grpc.NameResolverRegistry;
import io.grpc.Status;
import io.grpc.SynchronizationContext;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ScheduledExecutorService;

/** A channel as a load balancer sees it, whose connections do what the test says. */
final class FakeHelper extends Helper {
    final List<FakeSubchannel> subchannels = new ArrayList<>();
    ConnectivityState state;
    SubchannelPicker picker;
    int updates;
    final ManualExecutor timers = new ManualExecutor();
    final NameResolverRegistry resolvers = new NameResolverRegistry();
    final SynchronizationContext context = new SynchronizationContext((thread, failure) -> {
        throw new AssertionError(failure);
    });

    /** Returns the newest connection to an endpoint. */
    FakeSubchannel to(Endpoint endpoint) {
        return subchannels.stream()
                .filter(subchannel -> endpoint.key()
                        .equals(subchannel.addresses.get(0).getAttributes().get(XdsLbNameResolver.ENDPOINT)))
                .reduce((older, newer) -> newer)
                .orElseThrow();
    }

    @Override
    public Subchannel createSubchannel(CreateSubchannelArgs args) {
        FakeSubchannel subchannel = new FakeSubchannel(args.getAddresses());
        subchannels.add(subchannel);
        return subchannel;
    }

    @Override
    public void updateBalancingState(ConnectivityState newState, SubchannelPicker newPicker) {
        state = newState;
        picker = newPicker;
        updates++;
    }

    @Override
    public SynchronizationContext getSynchronizationContext() {
        return context;
    }

    @Override
    public ScheduledExecutorService getScheduledExecutorService() {
        return timers;
    }

    @Override
    public NameResolverRegistry getNameResolverRegistry() {
        return resolvers;
    }

    @Override
    public NameResolver.Args getNameResolverArgs() {
        return NameResolver.Args.newBuilder()
                .setDefaultPort(443)
                .setProxyDetector(target -> null)
                .setSynchronizationContext(context)
                .setServiceConfigParser(new NameResolver.ServiceConfigParser() {
                    @Override
                    public NameResolver.ConfigOrError parseServiceConfig(Map<String, ?> rawServiceConfig) {
                        return NameResolver.ConfigOrError.fromConfig(rawServiceConfig);
                    }
                })
                .build();
    }

    @Override
    public ManagedChannel createOobChannel(EquivalentAddressGroup address, String authority) {
        throw new UnsupportedOperationException("not needed by the policy");
    }

    @Override
    public String getAuthority() {
        return "orders.shop";
    }

    static final class FakeSubchannel extends Subchannel {
        List<EquivalentAddressGroup> addresses;
        int connectionRequests;
        boolean shutdown;
        private SubchannelStateListener listener;

        private FakeSubchannel(List<EquivalentAddressGroup> addresses) {
            this.addresses = addresses;
        }

        @Override
        public void updateAddresses(List<EquivalentAddressGroup> newAddresses) {
            addresses = newAddresses;
        }

        void becomes(ConnectivityState state) {
            listener.onSubchannelState(ConnectivityStateInfo.forNonError(state));
        }

        void fails(Throwable cause) {
            listener.onSubchannelState(ConnectivityStateInfo.forTransientFailure(Status.UNAVAILABLE.withCause(cause)));
        }

        @Override
        public void start(SubchannelStateListener stateListener) {
            listener = stateListener;
        }

        @Override
        public void requestConnection() {
            connectionRequests++;
        }

        @Override
        public void shutdown() {
            shutdown = true;
        }

        @Override
        public List<EquivalentAddressGroup> getAllAddresses() {
            return addresses;
        }

        @Override
        public Attributes getAttributes() {
            return Attributes.EMPTY;
        }
    }
}
