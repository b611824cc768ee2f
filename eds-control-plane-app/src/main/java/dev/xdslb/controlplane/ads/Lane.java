/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.ads;

import java.util.concurrent.Executor;

/**
 * Where one stream's work is done. A stream of very many names keeps a thread busy for a tenth of a second at a time; those
 * have one thread for all of them, so that the other streams do not wait behind them.
 *
 * <p>The transport's thread says what comes, the stream's executor what there is.
 */
final class Lane implements Executor {
    /** Some milliseconds of work. */
    static final int MANY_NAMES = 2_000;

    private final Executor ordinary;
    private final Executor bulk;
    private volatile boolean many;

    Lane(Executor ordinary, Executor bulk) {
        this.ordinary = ordinary;
        this.bulk = bulk;
    }

    /** Takes note of a request that is still to be worked on; returns whether it is one of very many names. */
    boolean expect(int names) {
        if (names <= MANY_NAMES) {
            return false;
        }
        many = true;
        return true;
    }

    /** Whether the stream is one of very many names, or may become one. */
    boolean isOfMany() {
        return many;
    }

    /** Takes note of how many names the stream has, with nothing else to be worked on. */
    void settle(int names) {
        many = names > MANY_NAMES;
    }

    @Override
    public void execute(Runnable task) {
        (many ? bulk : ordinary).execute(task);
    }
}
