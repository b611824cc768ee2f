/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.starter;

import java.util.List;
import org.springframework.boot.WebApplicationType;

class GatewayWebMvcRoutesTest extends GatewayRoutesContract {
    GatewayWebMvcRoutesTest() {
        super(WebApplicationType.SERVLET, "spring.cloud.gateway.server.webmvc");
    }

    @Override
    List<String> retry(String filter) {
        return List.of(filter + ".name=Retry", filter + ".args.retries=3", filter + ".args.series=SERVER_ERROR");
    }

    @Override
    int retriesUsedUp() {
        return 500;
    }
}
