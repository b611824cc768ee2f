/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.observe;

import dev.xdslb.springcloud.PickedServiceInstance;
import io.micrometer.common.KeyValue;
import org.jspecify.annotations.Nullable;
import org.springframework.cloud.client.ServiceInstance;

/** The chosen endpoint, as observations of clients say it. */
final class ObservedEndpoint {
    private ObservedEndpoint() {}

    /** Returns what to say of an instance, null where it is another balancer's. */
    static @Nullable KeyValue of(@Nullable ServiceInstance instance) {
        PickedServiceInstance picked = PickedServiceInstance.in(instance);
        return picked == null ? null : MeterKey.ENDPOINT.withValue(picked.getHost() + ':' + picked.getPort());
    }
}
