/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.xds;

import com.google.protobuf.Any;
import com.google.rpc.Status;
import dev.xdslb.xds.proto.ResourceError;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What an answer holds, in either variant of the protocol.
 *
 * @param server what the control plane calls itself
 * @param stateOfTheWorld whether it says all that there is, for types that are said in full
 * @param resources what there is
 * @param removed names of which there is nothing
 * @param errors why, by name
 */
record AdsAnswer(
        String server,
        boolean stateOfTheWorld,
        List<Offer> resources,
        List<String> removed,
        Map<String, Status> errors) {

    /**
     * A resource.
     *
     * @param name the name that it is sent under, null where only its content says it
     * @param version its version
     * @param content the message
     */
    record Offer(@Nullable String name, String version, Any content) {}

    /** Returns the size of the resources in bytes. */
    long bytes() {
        return resources.stream()
                .mapToLong(offer -> offer.content().getValue().size())
                .sum();
    }

    /** Returns the errors by the name that they are about. */
    static Map<String, Status> byName(List<ResourceError> errors) {
        Map<String, Status> byName = new LinkedHashMap<>();
        for (ResourceError error : errors) {
            byName.put(error.getResourceName().getName(), error.getErrorDetail());
        }
        return byName;
    }
}
