/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.http.connection;

import org.springframework.boot.http.client.HttpComponentsClientHttpRequestFactoryBuilder;
import org.springframework.boot.http.client.autoconfigure.ClientHttpRequestFactoryBuilderCustomizer;
import org.springframework.core.Ordered;

/**
 * Sizes the pools of Apache's client for services of many pods. By itself it has 5 connections to each pod, and 25 in all: a request
 * that finds none waits for one that another pod may hold.
 *
 * <p>The first of all customizers: what the application sets, wins.
 */
public final class ApachePools
        implements ClientHttpRequestFactoryBuilderCustomizer<HttpComponentsClientHttpRequestFactoryBuilder>, Ordered {
    /** As many as reactor-netty has. It is the callers' threads that limit them. */
    private static final int MOST_OF_A_POD = 500;

    /** Bounds what connections to gone pods hold, about 100 kB each: nothing closes them before the pool is full. */
    private static final int MOST = 1_000;

    @Override
    public HttpComponentsClientHttpRequestFactoryBuilder customize(
            HttpComponentsClientHttpRequestFactoryBuilder builder) {
        return builder.withConnectionManagerCustomizer(
                pool -> pool.setMaxConnPerRoute(MOST_OF_A_POD).setMaxConnTotal(MOST));
    }

    @Override
    public int getOrder() {
        return HIGHEST_PRECEDENCE;
    }
}
