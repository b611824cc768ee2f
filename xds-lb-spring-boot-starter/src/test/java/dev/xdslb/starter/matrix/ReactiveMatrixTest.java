/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.starter.matrix;

import java.util.concurrent.ThreadFactory;
import org.springframework.boot.WebApplicationType;

/** Reactive clients whose callers wait on platform threads. */
class ReactiveMatrixTest extends MatrixContract {
    ReactiveMatrixTest() {
        super(ReactiveApplication.class, WebApplicationType.REACTIVE, ReactiveClient.values());
    }

    @Override
    ThreadFactory threads() throws ReflectiveOperationException {
        return Threads.PLATFORM.factory();
    }

    @Override
    String gateway(String property) {
        return "spring.cloud.gateway.server.webflux." + property;
    }
}
