/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.benchmarks.peer;

import io.grpc.Attributes;
import io.grpc.ChannelLogger;
import io.grpc.ConnectivityState;
import io.grpc.ConnectivityStateInfo;
import io.grpc.EquivalentAddressGroup;
import io.grpc.LoadBalancer;
import io.grpc.LoadBalancer.CreateSubchannelArgs;
import io.grpc.LoadBalancer.FixedResultPicker;
import io.grpc.LoadBalancer.PickResult;
import io.grpc.LoadBalancer.Subchannel;
import io.grpc.LoadBalancer.SubchannelPicker;
import io.grpc.LoadBalancer.SubchannelStateListener;
import io.grpc.ManagedChannel;
import io.grpc.SynchronizationContext;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import org.jspecify.annotations.Nullable;

/** What a channel is to a policy of grpc-java, with connections that succeed at once. */
final class ConnectedHelper extends LoadBalancer.Helper {
    private static final ScheduledExecutorService TIMER = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread daemon = new Thread(task, "grpc-timer");
        daemon.setDaemon(true);
        return daemon;
    });

    private final SynchronizationContext context = new SynchronizationContext((thread, failure) -> {
        throw new IllegalStateException("a policy of grpc-java failed", failure);
    });
    private final ChannelLogger logger = new SilentLogger();
    private volatile SubchannelPicker picker = new FixedResultPicker(PickResult.withNoResult());

    SubchannelPicker picker() {
        return picker;
    }

    @Override
    public Subchannel createSubchannel(CreateSubchannelArgs args) {
        return new ConnectedSubchannel(args.getAddresses());
    }

    @Override
    public void updateBalancingState(ConnectivityState state, SubchannelPicker newPicker) {
        picker = newPicker;
    }

    @Override
    public SynchronizationContext getSynchronizationContext() {
        return context;
    }

    /** Policies plan further connection attempts there, which are given up at once because the first succeeds. */
    @Override
    public ScheduledExecutorService getScheduledExecutorService() {
        return TIMER;
    }

    @Override
    public void refreshNameResolution() {}

    @Override
    public ChannelLogger getChannelLogger() {
        return logger;
    }

    @Override
    public ManagedChannel createOobChannel(EquivalentAddressGroup addresses, String authority) {
        throw new UnsupportedOperationException("the simulated policies need no further channel");
    }

    @Override
    public String getChannelTarget() {
        return "simulated";
    }

    @Override
    public String getAuthority() {
        return "simulated";
    }

    private final class ConnectedSubchannel extends Subchannel {
        private List<EquivalentAddressGroup> addresses;
        private @Nullable SubchannelStateListener listener;

        private ConnectedSubchannel(List<EquivalentAddressGroup> addresses) {
            this.addresses = addresses;
        }

        @Override
        public void start(SubchannelStateListener newListener) {
            listener = newListener;
            tell(ConnectivityState.IDLE);
        }

        @Override
        public void requestConnection() {
            tell(ConnectivityState.CONNECTING);
            tell(ConnectivityState.READY);
        }

        @Override
        public void shutdown() {
            tell(ConnectivityState.SHUTDOWN);
        }

        @Override
        public List<EquivalentAddressGroup> getAllAddresses() {
            return addresses;
        }

        @Override
        public void updateAddresses(List<EquivalentAddressGroup> newAddresses) {
            addresses = newAddresses;
        }

        @Override
        public Attributes getAttributes() {
            return Attributes.EMPTY;
        }

        @Override
        public Attributes getConnectedAddressAttributes() {
            return Attributes.EMPTY;
        }

        @Override
        public ChannelLogger getChannelLogger() {
            return logger;
        }

        private void tell(ConnectivityState state) {
            SubchannelStateListener told = listener;
            if (told != null) {
                context.execute(() -> told.onSubchannelState(ConnectivityStateInfo.forNonError(state)));
            }
        }
    }

    private static final class SilentLogger extends ChannelLogger {
        @Override
        public void log(ChannelLogLevel level, String message) {}

        @Override
        public void log(ChannelLogLevel level, String messageFormat, @Nullable Object... args) {}
    }
}
