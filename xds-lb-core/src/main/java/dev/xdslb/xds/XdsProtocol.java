/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.xds;

import org.apiguardian.api.API;

/** The two variants of ADS. */
@API(status = API.Status.STABLE)
public enum XdsProtocol {
    /** Incremental: the control plane sends only what changed, and after a reconnect only what the client lacks. */
    DELTA,
    /** State of the world: every answer may repeat what is known already. */
    SOTW
}
