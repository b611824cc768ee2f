/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.ads;

import com.google.protobuf.CodedOutputStream;
import io.grpc.Drainable;
import io.grpc.KnownLength;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import org.jspecify.annotations.Nullable;

/**
 * The bytes of a push, in the two ways in which grpc-java takes them: a network transport drains them into its own
 * buffers, the in-process transport reads them. Used once, by one thread.
 */
final class PushStream extends InputStream implements Drainable, KnownLength {
    private static final int BUFFER_BYTES = 4096; // for the small fields; resources larger than it pass by

    private final Push push;
    private final int size;
    private @Nullable ByteArrayInputStream read; // null until somebody reads instead of draining

    PushStream(Push push) {
        this.push = push;
        this.size = push.size();
    }

    @Override
    public int drainTo(OutputStream target) throws IOException {
        CodedOutputStream out = CodedOutputStream.newInstance(target, Math.min(size, BUFFER_BYTES));
        push.writeTo(out);
        out.flush();
        return size;
    }

    @Override
    public int available() {
        return read == null ? size : read.available();
    }

    @Override
    public int read() {
        return bytes().read();
    }

    @Override
    public int read(byte[] target, int offset, int length) {
        return bytes().read(target, offset, length);
    }

    private ByteArrayInputStream bytes() {
        if (read == null) {
            byte[] bytes = new byte[size];
            CodedOutputStream out = CodedOutputStream.newInstance(bytes);
            try {
                push.writeTo(out);
            } catch (IOException e) {
                throw new UncheckedIOException("an array has no I/O errors, so the computed size is wrong", e);
            }
            out.checkNoSpaceLeft();
            read = new ByteArrayInputStream(bytes);
        }
        return read;
    }
}
