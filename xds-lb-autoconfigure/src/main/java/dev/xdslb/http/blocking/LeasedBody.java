/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.http.blocking;

import dev.xdslb.http.BodyProgress;
import dev.xdslb.http.HttpOutcomes;
import dev.xdslb.http.ResponseHead;
import dev.xdslb.load.Lease;
import dev.xdslb.load.Outcome;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/** The body of a response; ends the request at its end, when it is closed before that, or as failed when it cannot be read. */
final class LeasedBody extends FilterInputStream {
    private static final int END = -1;

    private final Lease lease;
    private final ResponseHead head;
    private final BodyProgress progress;

    LeasedBody(InputStream body, Lease lease, ResponseHead head) {
        super(body);
        this.lease = lease;
        this.head = head;
        this.progress = new BodyProgress(lease);
    }

    @Override
    public int read() throws IOException {
        try {
            int read = super.read();
            return counted(read, 1);
        } catch (IOException | RuntimeException e) {
            failed(e);
            throw e;
        }
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
        try {
            int read = super.read(buffer, offset, length);
            return counted(read, read);
        } catch (IOException | RuntimeException e) {
            failed(e);
            throw e;
        }
    }

    @Override
    public long skip(long n) throws IOException {
        try {
            long skipped = super.skip(n);
            progress.read(skipped);
            return skipped;
        } catch (IOException | RuntimeException e) {
            failed(e);
            throw e;
        }
    }

    @Override
    public void close() throws IOException {
        try {
            super.close();
        } finally {
            head.endGivenUp(lease); // unless its end was read before
        }
    }

    private void failed(Exception e) {
        Outcome outcome = HttpOutcomes.of(e);
        if (outcome == Outcome.CANCELLED) {
            head.endGivenUp(lease, progress.bytes()); // an interrupt, which may be a time-out
        } else {
            lease.end(outcome);
        }
    }

    private int counted(int read, int bytes) {
        if (read == END) {
            head.end(lease, progress.bytes());
        } else {
            progress.read(bytes);
        }
        return read;
    }
}
