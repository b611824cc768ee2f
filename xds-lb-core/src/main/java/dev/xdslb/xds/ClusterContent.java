/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.xds;

import static java.util.Objects.requireNonNull;

import dev.xdslb.cluster.ServicePolicy;
import java.util.List;

/**
 * What a cluster resource says.
 *
 * @param endpointsName the name to ask for its endpoints under
 * @param policy how to balance
 * @param notObeyed the fields that it has and that change nothing here
 */
record ClusterContent(String endpointsName, ServicePolicy policy, List<String> notObeyed) {
    ClusterContent {
        requireNonNull(endpointsName, "endpointsName");
        requireNonNull(policy, "policy");
        notObeyed = List.copyOf(notObeyed);
    }
}
