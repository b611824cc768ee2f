/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.sample.backend;

import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Settings of {@link BackendApplication}.
 *
 * @param podName the name that it answers with
 * @param latency how long a request takes on average
 * @param grpcPort where the gRPC server listens, 0 for any free port; none means: no gRPC server
 */
@ConfigurationProperties("backend")
record BackendSettings(
        @DefaultValue("orders-0") String podName,
        @DefaultValue("0ms") Duration latency,
        @Nullable Integer grpcPort) {}
