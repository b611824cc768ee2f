/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.starter.matrix;

import java.util.List;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.springframework.context.ApplicationContext;

/** Calls with one client, one call after the other, each with an outcome by chance, until it is told to stop. */
final class SoakCaller implements Runnable {
    private static final int PATIENCE_MILLIS = 100;
    private static final int GOOD_SHARE_PERCENT = 50;

    private final Client client;
    private final ApplicationContext application;
    private final List<Outcome> outcomes;
    private final RandomGenerator random;
    private final ScheduledExecutorService timer;
    private final SoakFigures figures;
    private final AtomicBoolean stopped;
    private volatile @Nullable Attempt current;

    /** A call that is under way. */
    private static final class Attempt {
        private final Thread thread = Thread.currentThread();
        private final long start = System.nanoTime();
        private final Caller caller;
        private boolean over; // guarded by this

        private Attempt(Caller caller) {
            this.caller = caller;
        }

        /** Cancels, unless it is over: an interrupt would hit the next one. */
        private synchronized void cancel() {
            if (!over) {
                caller.cancel(thread);
            }
        }

        private synchronized void end() {
            over = true;
            boolean unused = Thread.interrupted();
        }
    }

    SoakCaller(
            Client client,
            ApplicationContext application,
            List<Outcome> outcomes,
            RandomGenerator random,
            ScheduledExecutorService timer,
            SoakFigures figures,
            AtomicBoolean stopped) {
        this.client = client;
        this.application = application;
        this.outcomes = outcomes;
        this.random = random;
        this.timer = timer;
        this.figures = figures;
        this.stopped = stopped;
    }

    @Override
    public void run() {
        while (!stopped.get()) {
            Outcome outcome = random.nextInt(100) < GOOD_SHARE_PERCENT
                    ? Outcome.OK
                    : outcomes.get(random.nextInt(outcomes.size()));
            call(new Caller(outcome, SoakContract.service(client, outcome)));
        }
    }

    private void call(Caller caller) {
        Attempt attempt = new Attempt(caller);
        current = attempt;
        switch (caller.outcome()) {
            case CANCEL_BEFORE_HEADERS -> after(attempt::cancel);
            case CANCEL_WITHIN_BODY -> {
                var unused = caller.begun().thenRun(() -> after(attempt::cancel));
            }
            case EVENTS, READ_LATE, WEB_SOCKET -> after(() -> caller.patience().complete(null));
            default -> caller.patience().complete(null);
        }
        Exception failure = null;
        try {
            client.call(application, caller);
        } catch (Exception e) {
            failure = e; // as often as not
        } finally {
            attempt.end();
            current = null;
            caller.begun().complete(null);
            figures.called(client, caller.outcome(), failure, System.nanoTime() - attempt.start);
        }
    }

    private void after(Runnable what) {
        var unused = timer.schedule(what, random.nextInt(PATIENCE_MILLIS), TimeUnit.MILLISECONDS);
    }

    /** Says what it waits for, where that is a call that takes longer than this. */
    @Nullable
    String lateSince(long nanos) {
        Attempt attempt = current;
        if (attempt == null || System.nanoTime() - attempt.start < nanos) {
            return null;
        }
        StringBuilder text = new StringBuilder(
                client.title() + ": " + attempt.caller.outcome().title());
        for (StackTraceElement element : attempt.thread.getStackTrace()) {
            text.append("\n    ").append(element);
        }
        return text.toString();
    }
}
