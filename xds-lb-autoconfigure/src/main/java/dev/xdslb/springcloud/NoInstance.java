/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.springcloud;

import org.apiguardian.api.API;
import org.jspecify.annotations.Nullable;
import org.springframework.cloud.client.loadbalancer.EmptyResponse;
import org.springframework.cloud.client.loadbalancer.Response;

/**
 * The platform's own answer where there is no instance to choose, and beside it the reason. Spring Cloud's clients know what to
 * do without an instance: a gateway answers 503, so does {@code WebClient} to its caller, and {@code RestClient} throws.
 */
@API(status = API.Status.EXPERIMENTAL)
public final class NoInstance extends EmptyResponse {
    private final RuntimeException reason;

    NoInstance(RuntimeException reason) {
        this.reason = reason;
    }

    /** Returns why there is none, null where a response has an instance, or comes from another balancer. */
    public static @Nullable RuntimeException reasonOf(@Nullable Response<?> response) {
        return response instanceof NoInstance none ? none.reason : null;
    }

    /** Returns why there is none. */
    public RuntimeException reason() {
        return reason;
    }

    @Override
    public String toString() {
        return "no instance: " + reason.getMessage();
    }
}
