/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.springcloud;

import dev.xdslb.cluster.Cluster;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/** Waits for a cluster's first endpoints without holding a thread. */
final class Settling {
    private Settling() {}

    /**
     * Returns what the action returns: at once where the cluster has settled, which every request but the first ones finds,
     * and otherwise when it does, or when it cannot before the application has started.
     */
    static <T> Mono<T> of(Cluster cluster, ApplicationStart start, Supplier<Mono<T>> action) {
        if (cluster.isSettled()) {
            return action.get();
        }
        CompletableFuture<?> settled = cluster.settled().toCompletableFuture();
        if (!start.isOver()) {
            settled = CompletableFuture.anyOf(
                    settled, start.heldBack(cluster.resource()).toCompletableFuture());
        }
        // The request must not go on running on the thread that delivers endpoints.
        return Mono.fromFuture(settled).publishOn(Schedulers.parallel()).then(Mono.defer(action));
    }
}
