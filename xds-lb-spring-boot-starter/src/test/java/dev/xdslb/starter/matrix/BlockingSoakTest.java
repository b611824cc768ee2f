/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.starter.matrix;

import org.springframework.boot.WebApplicationType;

/** Blocking clients, and gRPC. */
class BlockingSoakTest extends SoakContract {
    BlockingSoakTest() {
        super(
                BlockingApplication.class,
                WebApplicationType.SERVLET,
                BlockingClient.values(),
                "spring.cloud.gateway.server.webmvc.");
    }
}
