/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.http;

import dev.xdslb.springcloud.Attempts;
import dev.xdslb.springcloud.PickedServiceInstance;
import org.jspecify.annotations.Nullable;

/**
 * An attempt that later ones ask for, by the thread that sends them.
 *
 * @param all the attempts that it is one of
 * @param at where it went
 */
record LinkedAttempt(Attempts all, PickedServiceInstance at) {

    /** Returns that of this thread, null where nobody links what it sends. */
    static @Nullable LinkedAttempt ofThread(PickedServiceInstance at) {
        Attempts all = Attempts.ofThread();
        return all == null ? null : new LinkedAttempt(all, at);
    }

    void failed() {
        all.failed(at);
    }

    /** Says that a stream was lost that had begun. */
    void lost() {
        all.lost(at);
    }

    void answered() {
        all.answered();
    }
}
