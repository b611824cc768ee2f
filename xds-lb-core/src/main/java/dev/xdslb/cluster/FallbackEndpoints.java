/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.cluster;

import dev.xdslb.endpoint.Endpoint;
import java.util.List;
import org.apiguardian.api.API;

/** Endpoints to use while the control plane has none: it was never reached, or it knows no such service. */
@API(status = API.Status.STABLE)
@FunctionalInterface
public interface FallbackEndpoints {

    /** There is no fallback. */
    FallbackEndpoints NONE = resource -> List.of();

    /**
     * Returns the endpoints of a resource, empty where this fallback knows none either. May block and may throw; called on
     * a thread of its own, again every {@value FallbackCalls#REFRESH_SECONDS} seconds while it is in use.
     */
    List<Endpoint> endpoints(String resource);

    /** Returns a fallback that asks this one first, and the other where this one knows none or fails. */
    default FallbackEndpoints orElse(FallbackEndpoints other) {
        return new FirstOfTwo(this, other);
    }
}
