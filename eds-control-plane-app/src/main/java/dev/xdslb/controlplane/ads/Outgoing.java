/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.ads;

import io.grpc.MethodDescriptor;
import io.grpc.Status;
import java.io.InputStream;

/** What a stream hands to its call to be sent. */
interface Outgoing {
    /** The marshaller of every discovery method's responses: they are only written here, never read. */
    MethodDescriptor.Marshaller<Outgoing> MARSHALLER = new MethodDescriptor.Marshaller<>() {
        @Override
        public InputStream stream(Outgoing value) {
            return value.encode();
        }

        @Override
        public Outgoing parse(InputStream stream) {
            throw new UnsupportedOperationException("a control plane does not read discovery responses");
        }
    };

    /** Returns the bytes of the message. */
    InputStream encode();

    /**
     * Resets the call instead of closing it. A close waits in line behind what the client does not read, and so does
     * the memory of it; a message that cannot be encoded makes grpc-java drop both at once, which no other method of
     * {@link io.grpc.ServerCall} does.
     */
    static Outgoing reset(Status status) {
        return () -> {
            throw status.asRuntimeException();
        };
    }
}
