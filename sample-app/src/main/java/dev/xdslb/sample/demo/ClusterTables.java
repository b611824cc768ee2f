/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.sample.demo;

import dev.xdslb.cluster.Cluster;
import java.util.Set;
import java.util.stream.Collectors;

/** Follows the table of a balanced client: the endpoints that its cluster may send requests to. */
final class ClusterTables {
    private ClusterTables() {}

    static void follow(Cluster cluster, ClientKind client, Tables tables, Fleet fleet) {
        Runnable publish = () -> {
            Set<String> pods = cluster.endpoints().stream()
                    .filter(endpoint -> endpoint.health().receivesRequests())
                    .map(endpoint -> endpoint.key().port())
                    .map(fleet::nameAt)
                    .collect(Collectors.toUnmodifiableSet());
            tables.publish(client, pods, System.nanoTime());
        };
        cluster.onPublish(publish);
        publish.run();
    }
}
