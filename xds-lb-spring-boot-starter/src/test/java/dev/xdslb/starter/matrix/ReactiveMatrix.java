/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.starter.matrix;

import org.springframework.boot.WebApplicationType;

/** Reactive clients. */
abstract class ReactiveMatrix extends MatrixContract {
    ReactiveMatrix() {
        super(ReactiveApplication.class, WebApplicationType.REACTIVE, ReactiveClient.values());
    }

    @Override
    String gateway(String property) {
        return "spring.cloud.gateway.server.webflux." + property;
    }
}
