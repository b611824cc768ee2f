/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.cluster;

/** A strategy failed, so that a request has no endpoint. The message says which one, of which cluster, and how it failed. */
public final class StrategyException extends IllegalStateException {

    StrategyException(String resource, String strategy, Throwable cause) {
        super("strategy " + strategy + " of " + resource + " failed: " + FaultBoundary.describe(cause), cause);
    }
}
