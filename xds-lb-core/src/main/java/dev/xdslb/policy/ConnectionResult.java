/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.policy;

/** What came of an attempt to connect to an endpoint beside the requests. */
public enum ConnectionResult {
    /** Somebody accepted the connection. */
    CONNECTED,
    /** It was refused, the time was up, there is no route, or the host name does not resolve. */
    FAILED,
    /** It could not be tried: this process has no thread, port or file descriptor left, or is closing. */
    UNKNOWN
}
