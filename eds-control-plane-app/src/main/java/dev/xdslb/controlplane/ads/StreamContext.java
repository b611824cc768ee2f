/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.ads;

import dev.xdslb.controlplane.fault.FaultBoundary;
import java.time.Clock;
import java.util.function.Consumer;

/**
 * What the streams of one server share.
 *
 * @param onEnd told by each stream, on its own executor, when nothing of it is left
 */
record StreamContext(
        ResourceStore store,
        ResourceTypes types,
        SubscriptionIndex index,
        AdsSettings settings,
        Clock clock,
        NanoClock nanoClock,
        Timer timer,
        FaultBoundary boundary,
        StreamSignals signals,
        Shedding shedding,
        Consumer<DiscoveryStream<?>> onEnd) {

    /** Does something later, on a thread that is for short work. */
    @FunctionalInterface
    interface Timer {
        void after(long nanos, Runnable task);
    }

    /** The time that deadlines are measured in; see {@link System#nanoTime}. */
    @FunctionalInterface
    interface NanoClock {
        long nanoTime();
    }
}
