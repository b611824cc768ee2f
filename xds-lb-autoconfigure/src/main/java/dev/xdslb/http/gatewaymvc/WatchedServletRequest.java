/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.http.gatewaymvc;

import dev.xdslb.http.CountedRequest;
import jakarta.servlet.ReadListener;
import jakarta.servlet.ServletInputStream;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import java.io.IOException;

/**
 * A received request; where its body cannot be read, or does not come, what was sent because of it says nothing about the endpoint.
 *
 * <p>The thread that sends it on reads the body, and the one that waits for the answer, which may be another, looks at how far it is.
 */
final class WatchedServletRequest extends HttpServletRequestWrapper {
    private final CountedRequest counted;
    private volatile boolean awaited;

    /**
     * Watches one.
     *
     * @param counted what is sent because of it
     */
    WatchedServletRequest(HttpServletRequest received, CountedRequest counted) {
        super(received);
        this.counted = counted;
    }

    /** Returns whether somebody waits for more of the body at this moment. */
    boolean isAwaited() {
        return awaited;
    }

    @Override
    public ServletInputStream getInputStream() throws IOException {
        return new WatchedBody(super.getInputStream());
    }

    private final class WatchedBody extends ServletInputStream {
        private final ServletInputStream delegate;

        private WatchedBody(ServletInputStream delegate) {
            this.delegate = delegate;
        }

        @Override
        public int read() throws IOException {
            begin();
            try {
                return delegate.read();
            } catch (IOException | RuntimeException e) {
                counted.discarded();
                throw e;
            } finally {
                end();
            }
        }

        @Override
        public int read(byte[] buffer, int offset, int length) throws IOException {
            begin();
            try {
                return delegate.read(buffer, offset, length);
            } catch (IOException | RuntimeException e) {
                counted.discarded();
                throw e;
            } finally {
                end();
            }
        }

        private void begin() {
            awaited = true;
            counted.awaitsCaller();
        }

        private void end() {
            awaited = false;
            counted.awaitsEndpoint();
        }

        @Override
        public int available() throws IOException {
            return delegate.available();
        }

        @Override
        public void close() throws IOException {
            delegate.close();
        }

        @Override
        public boolean isFinished() {
            return delegate.isFinished();
        }

        @Override
        public boolean isReady() {
            return delegate.isReady();
        }

        @Override
        public void setReadListener(ReadListener listener) {
            delegate.setReadListener(listener);
        }
    }
}
