/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.autoconfigure;

import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;

/**
 * {@link EnableAutoConfiguration Auto-configuration} that gives net.devh's starter 3.1.0 its meters back, which it loses on Spring Boot 4
 * without a word: it looks for a meter registry too early, because the class after which it means to look has moved. This one makes nothing.
 * It stands between, after the registry and before net.devh's, and does so even where it is switched off.
 */
@AutoConfiguration(
        afterName = {
            "org.springframework.boot.micrometer.metrics.autoconfigure.CompositeMeterRegistryAutoConfiguration",
            "org.springframework.boot.micrometer.metrics.autoconfigure.export.simple.SimpleMetricsExportAutoConfiguration"
        },
        beforeName = "net.devh.boot.grpc.client.autoconfigure.GrpcClientMetricAutoConfiguration")
@ConditionalOnBooleanProperty(name = "xds-lb.enabled", matchIfMissing = true)
public final class XdsLbNetDevhMetricsAutoConfiguration {}
