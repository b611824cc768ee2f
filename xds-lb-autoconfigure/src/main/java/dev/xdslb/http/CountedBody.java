/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.http;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/** The body of a response; ends the request with its end, when it is closed before that, or as failed when it cannot be read. */
public final class CountedBody extends FilterInputStream {
    private static final int END = -1;

    private final CountedRequest request;

    /** Makes the body that somebody is about to read. */
    public CountedBody(InputStream body, CountedRequest request) {
        super(body);
        this.request = request;
        request.awaitsBody();
    }

    @Override
    public int read() throws IOException {
        try {
            int read = super.read();
            return counted(read, 1);
        } catch (IOException | RuntimeException e) {
            request.failed(e);
            throw e;
        }
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
        try {
            int read = super.read(buffer, offset, length);
            return counted(read, read);
        } catch (IOException | RuntimeException e) {
            request.failed(e);
            throw e;
        }
    }

    @Override
    public long skip(long n) throws IOException {
        try {
            long skipped = super.skip(n);
            request.bodyRead(skipped);
            return skipped;
        } catch (IOException | RuntimeException e) {
            request.failed(e);
            throw e;
        }
    }

    @Override
    public void close() throws IOException {
        request.closed(); // first: a reader of another thread, whose read now fails, does not say that the endpoint did
        super.close();
    }

    private int counted(int read, int bytes) {
        if (read == END) {
            request.completed();
        } else {
            request.bodyRead(bytes);
        }
        return read;
    }
}
