/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.starter.matrix;

import java.util.concurrent.ThreadFactory;
import org.springframework.boot.WebApplicationType;

/** Blocking clients on platform threads. */
class BlockingMatrixTest extends MatrixContract {
    BlockingMatrixTest() {
        super(BlockingApplication.class, WebApplicationType.SERVLET, BlockingClient.values());
    }

    @Override
    ThreadFactory threads() throws ReflectiveOperationException {
        return Threads.PLATFORM.factory();
    }

    @Override
    String gateway(String property) {
        return "spring.cloud.gateway.server.webmvc." + property;
    }
}
