/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.load;

import org.apiguardian.api.API;

/** When the response time of a request has passed. Where a client cannot tell the moment, the next one that it can tell counts. */
@API(status = API.Status.STABLE)
public enum TimedUntil {
    /** When all of the response was read: as long as the slower of the endpoint and its caller takes. */
    END,
    /** When the response's headers are there, which is the endpoint's doing alone. */
    HEADERS,
    /** When the first byte of the body, or the first message, is there: for endpoints that send headers and then work. */
    FIRST_BYTE;

    /** What applies where nothing is said. */
    public static final TimedUntil DEFAULT = HEADERS;
}
