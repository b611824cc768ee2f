/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.starter.matrix;

import org.springframework.boot.WebApplicationType;

/** Blocking clients. */
abstract class BlockingMatrix extends MatrixContract {
    BlockingMatrix() {
        super(BlockingApplication.class, WebApplicationType.SERVLET, BlockingClient.values());
    }

    @Override
    String gateway(String property) {
        return "spring.cloud.gateway.server.webmvc." + property;
    }
}
