/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.cluster;

import dev.xdslb.load.LoadRegistry;
import dev.xdslb.policy.ClientPlace;
import java.time.InstantSource;
import java.util.concurrent.Executor;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;

/**
 * What all clusters of a registry share.
 *
 * @param sourceName what error messages call the source
 * @param nanoClock nanoseconds since an arbitrary moment, never going back
 * @param wallClock compared with the pods' ready times
 * @param blocking runs what may block: fallbacks, and those who wait for a cluster to settle. One that blocks holds up no other
 */
record ClusterContext(
        EndpointSource source,
        String sourceName,
        ClusterSettingsProvider settings,
        ClusterRoster roster,
        ClientPlace place,
        LoadRegistry loads,
        LongSupplier nanoClock,
        InstantSource wallClock,
        RandomGenerator random,
        Executor blocking,
        Deadlines deadlines,
        ConnectionCheck connectionCheck,
        ForeignStrategies strategies,
        Faults faults) {}
