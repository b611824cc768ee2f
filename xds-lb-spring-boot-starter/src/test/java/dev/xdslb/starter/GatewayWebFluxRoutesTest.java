/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.starter;

import java.util.List;
import org.springframework.boot.WebApplicationType;

class GatewayWebFluxRoutesTest extends GatewayRoutesContract {
    GatewayWebFluxRoutesTest() {
        super(WebApplicationType.REACTIVE, "spring.cloud.gateway.server.webflux");
    }

    @Override
    List<String> retry(String filter) {
        return List.of(
                filter + ".name=Retry", filter + ".args.retries=2", filter + ".args.statuses=SERVICE_UNAVAILABLE");
    }

    @Override
    int retriesUsedUp() {
        return 503;
    }
}
