/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.starter.matrix;

import org.springframework.boot.WebApplicationType;

/** Reactive clients, and gRPC. */
class ReactiveSoakTest extends SoakContract {
    ReactiveSoakTest() {
        super(
                ReactiveApplication.class,
                WebApplicationType.REACTIVE,
                ReactiveClient.values(),
                "spring.cloud.gateway.server.webflux.");
    }
}
