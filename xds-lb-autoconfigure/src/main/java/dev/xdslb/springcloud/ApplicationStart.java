/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.springcloud;

import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.context.ApplicationContext;
import org.springframework.context.ApplicationContextAware;
import org.springframework.context.ApplicationListener;
import org.springframework.context.event.ContextRefreshedEvent;

/**
 * Keeps service discovery from being asked while the application starts. The thread that starts it holds locks which a
 * discovery client needs to come into being, and may itself be waiting for an endpoint: the registry of a discovery client is
 * often called through the balancer. So a question to discovery waits until the application has started, and a request that
 * nobody but discovery could answer does not wait until then.
 *
 * <p>Read and written by the threads of fallbacks, of requests, and the one that starts the application.
 */
public final class ApplicationStart
        implements ApplicationListener<ContextRefreshedEvent>, ApplicationContextAware, DisposableBean {
    private final CountDownLatch started = new CountDownLatch(1); // or given up
    private final Map<String, CompletableFuture<Void>> heldBack = new ConcurrentHashMap<>(); // by resource
    private volatile @Nullable ApplicationContext context; // whose start it is, null for any

    /** Returns one for an application that has started. */
    public static ApplicationStart over() {
        ApplicationStart start = new ApplicationStart();
        start.end();
        return start;
    }

    @Override
    public void setApplicationContext(ApplicationContext applicationContext) {
        context = applicationContext;
    }

    /** Contexts of services tell their parent of their own start. */
    @Override
    public void onApplicationEvent(ContextRefreshedEvent event) {
        if (event.getApplicationContext() == context) {
            end();
        }
    }

    @Override
    public void destroy() {
        end();
    }

    /** Waits until discovery may be asked for the endpoints of a resource. */
    void await(String resource) throws InterruptedException {
        if (started.getCount() > 0) {
            held(resource).complete(null);
            started.await();
        }
    }

    /** Returns whether the application has started. */
    boolean isOver() {
        return started.getCount() == 0;
    }

    /** Returns what completes when a question to discovery waits for the start. */
    CompletionStage<Void> heldBack(String resource) {
        return held(resource);
    }

    private CompletableFuture<Void> held(String resource) {
        return heldBack.computeIfAbsent(resource, name -> new CompletableFuture<>());
    }

    private void end() {
        started.countDown();
        heldBack.clear();
    }
}
