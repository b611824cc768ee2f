/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.http.blocking;

import dev.xdslb.http.HttpOutcomes;
import dev.xdslb.load.Lease;
import dev.xdslb.load.Outcome;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/** The body of a response; ends the request at its end, or as failed when it cannot be read. */
final class LeasedBody extends FilterInputStream {
    private static final int END = -1;

    private final Lease lease;
    private final Outcome outcome;

    LeasedBody(InputStream body, Lease lease, Outcome outcome) {
        super(body);
        this.lease = lease;
        this.outcome = outcome;
    }

    @Override
    public int read() throws IOException {
        try {
            return endedAt(super.read());
        } catch (IOException e) {
            throw failed(e);
        }
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
        try {
            return endedAt(super.read(buffer, offset, length));
        } catch (IOException e) {
            throw failed(e);
        }
    }

    @Override
    public long skip(long n) throws IOException {
        try {
            return super.skip(n);
        } catch (IOException e) {
            throw failed(e);
        }
    }

    private int endedAt(int read) {
        if (read == END) {
            lease.end(outcome);
        }
        return read;
    }

    private IOException failed(IOException e) {
        lease.end(HttpOutcomes.of(e));
        return e;
    }
}
