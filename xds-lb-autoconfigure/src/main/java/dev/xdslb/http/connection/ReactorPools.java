/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.http.connection;

import java.time.Duration;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.boot.http.client.ReactorClientHttpRequestFactoryBuilder;
import org.springframework.boot.http.client.reactive.ReactorClientHttpConnectorBuilder;
import org.springframework.core.Ordered;
import org.springframework.http.client.ReactorResourceFactory;
import reactor.netty.http.HttpResources;
import reactor.netty.http.client.HttpClient;
import reactor.netty.resources.ConnectionProvider;

/**
 * Lets reactor-netty forget the pools of pods that are gone, which it keeps for ever by itself. A pool can only go when it has no
 * connection any more, so connections that nobody uses are closed after a while, too.
 *
 * <p>All clients of an application share the pools, as by themselves they share those of the process, and with the same settings. They are
 * closed with the application. Pools that the application has set in place of reactor-netty's own, for itself or for the process, stay.
 */
public final class ReactorPools implements DisposableBean {
    /** The application's customizers come after it. Spring Boot has none of its own for these clients. */
    public static final int REQUEST_FACTORY_ORDER = Ordered.HIGHEST_PRECEDENCE;

    /**
     * That of Spring Boot's own, which sets the pools of the process: it comes before this one as its configuration does, and the
     * application's that have a lower order are undone by it anyway.
     */
    public static final int CONNECTOR_ORDER = 0;

    /** What reactor-netty calls its pools of the process, and how many connections to a pod they have at least. */
    private static final String NAME_OF_DEFAULT = "http";

    private static final int LEAST_OF_DEFAULT = 500;

    private static final Duration IDLE = Duration.ofSeconds(60);

    private final Supplier<@Nullable ReactorResourceFactory> resources;
    private final Supplier<? extends ConnectionProvider> ofTheProcess;
    private final Duration idle;
    private @Nullable ConnectionProvider pools; // guarded by this; null until the first client is built

    /**
     * Makes pools.
     *
     * @param resources what the application's clients share, which is left as it is where it is not what all of the process share; null
     *     where the application does not say
     */
    public ReactorPools(Supplier<@Nullable ReactorResourceFactory> resources) {
        this(resources, HttpResources::get, IDLE);
    }

    /** Makes pools that go after they were idle for this time, in whole seconds, and as long again at most. */
    ReactorPools(
            Supplier<@Nullable ReactorResourceFactory> resources,
            Supplier<? extends ConnectionProvider> ofTheProcess,
            Duration idle) {
        this.resources = resources;
        this.ofTheProcess = ofTheProcess;
        this.idle = idle;
    }

    /** Lets a builder's clients use the pools. */
    public ReactorClientHttpRequestFactoryBuilder customize(ReactorClientHttpRequestFactoryBuilder builder) {
        return isOfTheProcess() ? builder.withHttpClientFactory(this::client) : builder;
    }

    /** Lets a builder's clients use the pools. */
    public ReactorClientHttpConnectorBuilder customize(ReactorClientHttpConnectorBuilder builder) {
        return isOfTheProcess() ? builder.withHttpClientFactory(this::client) : builder;
    }

    private boolean isOfTheProcess() {
        ReactorResourceFactory present = resources.get();
        return present == null || present.isUseGlobalResources();
    }

    /** Decided as late as this, because an application may set the pools of the process while it starts. */
    private HttpClient client() {
        ConnectionProvider present = pools();
        return present == null ? HttpClient.create() : HttpClient.create(present);
    }

    /** Returns the pools, null where the application has set others for the process. */
    synchronized @Nullable ConnectionProvider pools() {
        ConnectionProvider present = ofTheProcess.get();
        ConnectionProvider.Builder builder = isDefault(present) ? present.mutate() : null;
        if (builder == null) {
            return null;
        }
        if (pools == null) {
            builder.evictInBackground(idle.dividedBy(2)).disposeInactivePoolsInBackground(idle.dividedBy(2), idle);
            if (ConnectionProvider.DEFAULT_POOL_MAX_IDLE_TIME < 0) { // nobody has set the system property
                builder.maxIdleTime(idle);
            }
            pools = builder.build();
        }
        return pools;
    }

    /** There is no other way to tell: reactor-netty does not say whether somebody has set them. */
    private static boolean isDefault(ConnectionProvider ofTheProcess) {
        return NAME_OF_DEFAULT.equals(ofTheProcess.name())
                && ofTheProcess.maxConnections()
                        == Math.max(ConnectionProvider.DEFAULT_POOL_MAX_CONNECTIONS, LEAST_OF_DEFAULT);
    }

    @Override
    public synchronized void destroy() {
        if (pools != null) {
            pools.dispose();
        }
    }
}
