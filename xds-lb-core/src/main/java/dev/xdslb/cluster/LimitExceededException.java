/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.cluster;

import dev.xdslb.policy.LimitSettings;
import org.apiguardian.api.API;

/**
 * A request was not sent, because as many are in flight as {@link LimitSettings} allow. The message says how many, and which
 * limit it is.
 */
@API(status = API.Status.STABLE)
public final class LimitExceededException extends NoEndpointException {
    private static final long serialVersionUID = 1;

    private LimitExceededException(String to, String resource, ClusterStatus status, String why) {
        super("too many requests to " + to + ": " + why, resource, status, why);
    }

    static LimitExceededException ofCluster(String resource, ClusterStatus status, long inFlight, int maximum) {
        return new LimitExceededException(
                resource,
                resource,
                status,
                inFlight + " are in flight, the maximum is " + maximum
                        + " (limits.max-in-flight); try again later, or raise the maximum");
    }

    static LimitExceededException ofEndpoints(String resource, ClusterStatus status, int endpoints, int maximum) {
        return new LimitExceededException(
                resource,
                resource,
                status,
                "each of the " + endpoints + " endpoints that can be used has its maximum of " + maximum
                        + " in flight (limits.max-in-flight-per-endpoint); try again later, add endpoints, or raise the"
                        + " maximum");
    }

    @Override
    public LimitExceededException forService(String serviceId, String source) {
        return new LimitExceededException(
                "service \"" + serviceId + "\" (resource " + resource() + ')', resource(), status(), why());
    }
}
