/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.http.connection;

import org.apache.hc.client5.http.impl.classic.HttpClientBuilder;
import org.springframework.cloud.openfeign.clientconfig.HttpClient5FeignConfiguration.HttpClientBuilderCustomizer;

/** Lets Apache's client verify pods by name where OpenFeign builds it. */
public final class FeignServerName implements HttpClientBuilderCustomizer {

    @Override
    public void customize(HttpClientBuilder builder) {
        ApacheServerName.on(builder);
    }
}
