/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.cluster;

import dev.xdslb.load.RequestCounts;
import org.apiguardian.api.API;

/**
 * What has become of a cluster's requests since it was made.
 *
 * @param ended those that have ended
 * @param inFlight those that have not, of endpoints that have left as well, 0 or more
 * @param withoutEndpoint picks that found no endpoint
 * @param beyondLimit picks that were refused because no more requests may be in flight
 * @param failedStrategy picks whose strategy or request key failed
 */
@API(status = API.Status.INTERNAL)
public record RequestTotals(
        RequestCounts ended, long inFlight, long withoutEndpoint, long beyondLimit, long failedStrategy) {}
