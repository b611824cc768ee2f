/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.cluster;

import dev.xdslb.policy.Pool;
import dev.xdslb.strategy.LoadBalancingStrategy;
import dev.xdslb.strategy.Picker;
import java.time.Duration;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Lets strategies make pickers. Ours do so on the publishing thread. Anybody else's may never return, and the publishing thread ticks
 * for all clusters, reads the control plane's stream or ends somebody's call: such a strategy is called on a thread that it may
 * keep, and waited for a bounded time. While one call of it has not returned, none is begun, so that a strategy of a thousand
 * clusters costs that time and that thread once.
 *
 * <p>Thread-safe. One for each registry.
 */
final class ForeignStrategies {
    /** How long the publishing thread waits. A picker over 10,000 endpoints takes ours milliseconds. */
    static final Duration PATIENCE = Duration.ofSeconds(1);

    private static final String OURS = LoadBalancingStrategy.class.getPackageName();

    private final Executor executor;
    private final Map<LoadBalancingStrategy, Future<?>> overdue =
            Collections.synchronizedMap(new IdentityHashMap<>()); // what was given up and has not returned

    /**
     * Makes one that has called nobody.
     *
     * @param executor runs what may block; one that blocks holds up no other
     */
    ForeignStrategies(Executor executor) {
        this.executor = executor;
    }

    /**
     * Returns the pickers of some pools, 1:1.
     *
     * @throws Throwable what the strategy throws, or that it does not return
     */
    @SuppressWarnings("InterruptedExceptionSwallowed") // the thread is told again
    Picker[] pickers(LoadBalancingStrategy strategy, List<Pool> pools) throws Throwable {
        if (pools.isEmpty() || strategy.getClass().getPackageName().equals(OURS)) {
            return make(strategy, pools);
        }
        Future<?> before = overdue.get(strategy);
        if (before != null && !before.isDone()) {
            throw new IllegalStateException("it has not returned from an earlier picker(pool)");
        }
        FutureTask<Picker[]> call = new FutureTask<>(() -> make(strategy, pools)) {
            @Override
            protected void done() {
                overdue.remove(strategy, this);
            }
        };
        executor.execute(call);
        boolean interrupted = false;
        long end = System.nanoTime() + PATIENCE.toNanos();
        try {
            while (true) {
                try {
                    return call.get(end - System.nanoTime(), TimeUnit.NANOSECONDS);
                } catch (InterruptedException e) { // somebody's cancelled request is not the strategy's fault
                    interrupted = true;
                }
            }
        } catch (ExecutionException e) {
            throw e.getCause() == null ? e : e.getCause();
        } catch (TimeoutException e) {
            overdue.put(strategy, call);
            if (call.isDone()) { // just now, and its end has not found itself there
                overdue.remove(strategy, call);
            }
            throw new IllegalStateException(
                    "it has not returned from picker(pool) within " + PATIENCE.toSeconds() + " s", e);
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private static Picker[] make(LoadBalancingStrategy strategy, List<Pool> pools) {
        Picker[] pickers = new Picker[pools.size()];
        for (int i = 0; i < pickers.length; i++) {
            pickers[i] = strategy.picker(pools.get(i));
        }
        return pickers;
    }
}
