/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.http;

import dev.xdslb.load.Lease;

/**
 * How much of a response's body was read. A body of unknown length is a stream once it is longer than {@link
 * ResponseHead#LONGEST_BOUNDED}. Used by one thread at a time, in the order of the body.
 */
public final class BodyProgress {
    private final Lease lease;
    private long bytes;

    public BodyProgress(Lease lease) {
        this.lease = lease;
    }

    /** Returns how many bytes were read. */
    public long bytes() {
        return bytes;
    }

    /** Counts more of the body. */
    public void read(long more) {
        if (more <= 0) {
            return;
        }
        long before = bytes;
        bytes = before + more;
        if (before == 0) {
            lease.firstByte();
        }
        if (before <= ResponseHead.LONGEST_BOUNDED && bytes > ResponseHead.LONGEST_BOUNDED) {
            lease.becomesStream();
        }
    }
}
