/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.benchmarks.pick;

import static java.util.Objects.requireNonNull;

import com.linecorp.armeria.client.ClientRequestContext;
import com.linecorp.armeria.client.Endpoint;
import com.linecorp.armeria.client.endpoint.EndpointGroup;
import com.linecorp.armeria.client.endpoint.EndpointSelectionStrategy;
import com.linecorp.armeria.common.HttpMethod;
import com.linecorp.armeria.common.HttpRequest;
import java.util.stream.IntStream;

/** Armeria's endpoint group with one of its strategies. They count nothing, so there is nothing to release. */
final class ArmeriaRequests implements MeasuredBalancer {
    private final EndpointGroup group;
    private final ClientRequestContext context = ClientRequestContext.of(HttpRequest.of(HttpMethod.GET, "/"));

    private ArmeriaRequests(EndpointPool pool, EndpointSelectionStrategy strategy) {
        group = EndpointGroup.of(
                strategy,
                IntStream.range(0, pool.size())
                        .mapToObj(i -> Endpoint.of(EndpointPool.host(i), EndpointPool.port())
                                .withWeight(pool.weight(i)))
                        .toList());
        group.whenReady().join();
        requireNonNull(group.selectNow(context), "Armeria selected no endpoint");
    }

    static MeasuredBalancer weightedRoundRobin(EndpointPool pool) {
        return new ArmeriaRequests(pool, EndpointSelectionStrategy.weightedRoundRobin());
    }

    /** Its slow start with the start behind it: draws by weight. */
    static MeasuredBalancer rampingUp(EndpointPool pool) {
        return new ArmeriaRequests(
                pool,
                EndpointSelectionStrategy.builderForRampingUp()
                        .totalSteps(1)
                        .rampingUpIntervalMillis(2)
                        .rampingUpTaskWindowMillis(1)
                        .build());
    }

    @Override
    public Object pickAndRelease() {
        return requireNonNull(group.selectNow(context));
    }

    @Override
    public void close() {
        group.close();
    }
}
