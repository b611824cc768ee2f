/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.load;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * How much one endpoint has been used lately, in requests: the <em>pass</em> of stride scheduling (C. A. Waldspurger, W. E.
 * Weihl, "Stride scheduling", 1995), by which equal endpoints get equal numbers although nothing is in flight that could tell
 * them apart. A part of {@link EndpointLoad}, and its superclass so that a pick finds all that it reads in the same place.
 *
 * <p>Only the difference between endpoints counts. Their cluster's tick moves their mean to 0 and lets old differences fade, so
 * that an endpoint which got nothing for a while is not flooded afterwards.
 *
 * <p><b>Writers:</b> any thread that picks, and the tick, on one thread. <b>Readers:</b> any thread that picks.
 *
 * <p><b>Lossy on purpose:</b> of two picks at the same moment one may not be counted, and one beside a tick neither. The next
 * picks make up for it.
 */
abstract class Usage {
    private static final VarHandle USAGE;

    static {
        try {
            USAGE = MethodHandles.lookup().findVarHandle(Usage.class, "usage", double.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private volatile double usage;

    /** Returns how much it has been used lately, in requests, against the mean of its cluster; may be below 0. */
    public final double usage() {
        return usage;
    }

    /**
     * Counts one pick.
     *
     * @param requests as how many requests it counts, above 0: more than one for an endpoint of little weight or speed
     */
    public final void addUsage(double requests) {
        USAGE.setRelease(this, usage + requests);
    }

    /** Replaces what was counted. For the tick of the endpoint's cluster. */
    public final void usage(double requests) {
        USAGE.setRelease(this, requests);
    }
}
