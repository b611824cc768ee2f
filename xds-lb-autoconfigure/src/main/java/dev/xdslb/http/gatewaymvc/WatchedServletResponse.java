/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.http.gatewaymvc;

import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.WriteListener;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpServletResponseWrapper;
import java.io.IOException;

/** The response to the gateway's caller; tells where it cannot be written. */
final class WatchedServletResponse extends HttpServletResponseWrapper {
    private final Runnable callerIsGone;

    WatchedServletResponse(HttpServletResponse response, Runnable callerIsGone) {
        super(response);
        this.callerIsGone = callerIsGone;
    }

    @Override
    public ServletOutputStream getOutputStream() throws IOException {
        return new WatchedOutput(super.getOutputStream(), callerIsGone);
    }

    private static final class WatchedOutput extends ServletOutputStream {
        private final ServletOutputStream delegate;
        private final Runnable callerIsGone;

        private WatchedOutput(ServletOutputStream delegate, Runnable callerIsGone) {
            this.delegate = delegate;
            this.callerIsGone = callerIsGone;
        }

        @Override
        public void write(int next) throws IOException {
            try {
                delegate.write(next);
            } catch (IOException e) {
                callerIsGone.run();
                throw e;
            }
        }

        @Override
        public void write(byte[] buffer, int offset, int length) throws IOException {
            try {
                delegate.write(buffer, offset, length);
            } catch (IOException e) {
                callerIsGone.run();
                throw e;
            }
        }

        @Override
        public void flush() throws IOException {
            try {
                delegate.flush();
            } catch (IOException e) {
                callerIsGone.run();
                throw e;
            }
        }

        @Override
        public void close() throws IOException {
            delegate.close();
        }

        @Override
        public boolean isReady() {
            return delegate.isReady();
        }

        @Override
        public void setWriteListener(WriteListener listener) {
            delegate.setWriteListener(listener);
        }
    }
}
