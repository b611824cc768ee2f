/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.fault;

import java.util.ArrayDeque;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * Runs tasks one after the other, in the order in which they came, on threads of a shared pool. What only its tasks
 * touch needs no lock. Any thread may hand over a task; nobody waits, and nobody who hands over hears of a fault: what a
 * task throws, and a pool that takes nothing (no memory for a thread), is the boundary's.
 */
public final class SerialExecutor implements Executor {
    /** How many tasks are run before the thread is given to another stream. */
    private static final int TURN = 16;

    private static final String HAND_OVER = "handing over to the pool";

    private static final Runnable NEW_TURN = new Runnable() { // never run, known by what it is
                @Override
                public void run() {}
            };

    private final Executor pool;
    private final FaultBoundary boundary;
    private final ArrayDeque<Runnable> tasks = new ArrayDeque<>(4); // guarded by itself
    private boolean running; // guarded by tasks

    public SerialExecutor(Executor pool, FaultBoundary boundary) {
        this.pool = pool;
        this.boundary = boundary;
    }

    @Override
    public void execute(Runnable task) {
        add(task, false);
    }

    /**
     * Runs a task after those that came before, and not in their turn: for one that the pool is to take elsewhere than what is running now.
     */
    public void executeInNewTurn(Runnable task) {
        add(task, true);
    }

    /**
     * Runs a task at once, on the thread that calls, where nothing is to be run before it; otherwise as {@link #execute} does. For
     * what is done in microseconds: handing it over would cost more.
     */
    public void executeBrief(Runnable task) {
        boolean first;
        synchronized (tasks) {
            first = !running
                    && tasks.isEmpty(); // others wait though nobody runs them where they could not be handed over
            running |= first;
        }
        if (!first) {
            execute(task);
            return;
        }
        try {
            task.run();
        } catch (Throwable thrown) {
            boundary.failed("a task", thrown);
        }
        synchronized (tasks) {
            if (tasks.isEmpty()) {
                running = false;
                return;
            }
        }
        if (!handOver()) {
            synchronized (tasks) {
                running = false; // what came meanwhile waits for the next one to come
            }
        }
    }

    private void add(Runnable task, boolean inNewTurn) {
        synchronized (tasks) {
            if (running && inNewTurn) {
                tasks.add(NEW_TURN);
            }
            tasks.add(task);
            if (running) {
                return;
            }
            running = true;
        }
        if (!handOver()) {
            synchronized (tasks) {
                running = false; // the task waits for the next one to come
            }
        }
    }

    private boolean handOver() {
        return boundary.run(HAND_OVER, () -> pool.execute(this::run));
    }

    private void run() {
        do {
            for (int i = 0; i < TURN; i++) {
                Runnable task = next();
                if (task == null) {
                    return;
                }
                if (task.equals(NEW_TURN)) {
                    break;
                }
                try {
                    task.run();
                } catch (Throwable thrown) {
                    boundary.failed("a task", thrown);
                }
            }
        } while (!handOver()); // rather unfair than never again
    }

    private @Nullable Runnable next() {
        synchronized (tasks) {
            Runnable task = tasks.poll();
            running = task != null;
            return task;
        }
    }
}
