/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.fault;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A thread of ours that does the same turn again and again until it is closed, whatever a turn throws. Started and closed
 * by one thread at a time.
 *
 * <p>A turn that fails is followed by a pause, which doubles while turns go on failing, so that a lasting fault costs
 * neither the processor nor the log.
 */
public final class Loop implements AutoCloseable {
    private static final Duration FIRST_PAUSE = Duration.ofMillis(50);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(5);
    private static final Duration STOP_TIMEOUT = Duration.ofSeconds(5);

    private static final Logger logger = LoggerFactory.getLogger(Loop.class);

    /** One turn: does what there is to do, and waits for more, much shorter than {@link Pulse#MAX_SILENCE}. */
    @FunctionalInterface
    public interface Turn {
        void run() throws Exception;
    }

    private final String name;
    private final Turn turn;
    private final FaultBoundary boundary;
    private final Faults faults;
    private final Thread thread;
    private volatile @Nullable Pulse pulse; // null before the start
    private volatile boolean closed;

    /** Creates a loop that is not started. */
    public Loop(Faults faults, String name, Turn turn) {
        this.name = name;
        this.turn = turn;
        this.boundary = faults.boundary(name);
        this.faults = faults;
        this.thread = new Thread(this::run, "xds-lb-" + name.replace(' ', '-'));
        thread.setDaemon(true);
    }

    public void start() {
        Pulse started = faults.pulse(name);
        pulse = started;
        thread.start();
        started.of(thread);
    }

    /** Ends the thread and waits for it, at most some seconds. Closing what was not started, or twice, does nothing. */
    @Override
    public void close() {
        closed = true;
        Pulse ending = pulse;
        if (ending != null) {
            ending.close();
        }
        if (Thread.currentThread() == thread) {
            return;
        }
        thread.interrupt();
        try {
            thread.join(STOP_TIMEOUT.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Whoever interrupts the thread without having closed it (foreign code that a turn runs) does not end it. */
    private void run() {
        long pause = FIRST_PAUSE.toMillis();
        while (!closed) {
            try {
                requireNonNull(pulse).beat();
                turn.run();
                boundary.succeeded(name);
                pause = FIRST_PAUSE.toMillis();
            } catch (InterruptedException e) {
                logger.debug("{} was interrupted", name);
            } catch (Throwable thrown) {
                boundary.failed(name, thrown);
                pause(pause);
                pause = Math.min(2 * pause, LONGEST_PAUSE.toMillis());
            }
        }
    }

    private void pause(long millis) {
        try {
            TimeUnit.MILLISECONDS.sleep(millis);
        } catch (InterruptedException e) {
            logger.debug("{} was interrupted", name);
        }
    }
}
