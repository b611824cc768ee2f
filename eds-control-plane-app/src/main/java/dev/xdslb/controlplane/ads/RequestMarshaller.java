/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.ads;

import com.google.protobuf.MessageLite;
import io.grpc.KnownLength;
import io.grpc.MethodDescriptor;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.io.InputStream;

/**
 * Reads requests, and hands on what stands for one that cannot be read: what a marshaller throws, grpc-java logs with its
 * stack, and tells the client nothing but UNKNOWN.
 *
 * @param <Q> the request
 */
final class RequestMarshaller<Q> implements MethodDescriptor.Marshaller<Q> {
    private final MethodDescriptor.Marshaller<Q> marshaller;
    private final Q undecodable;
    private final Q tooLarge;

    RequestMarshaller(MethodDescriptor.Marshaller<Q> marshaller, Q undecodable, Q tooLarge) {
        this.marshaller = marshaller;
        this.undecodable = undecodable;
        this.tooLarge = tooLarge;
    }

    @Override
    public InputStream stream(Q value) {
        return marshaller.stream(value);
    }

    /** The length of what was compressed is known when it is read: the transport's own limit bounds it until then. */
    @Override
    public Q parse(InputStream bytes) {
        try {
            boolean known = bytes instanceof KnownLength;
            if (known && bytes.available() > Dialect.MAX_REQUEST_BYTES) {
                return tooLarge;
            }
            Q request = marshaller.parse(bytes);
            return !known && ((MessageLite) request).getSerializedSize() > Dialect.MAX_REQUEST_BYTES
                    ? tooLarge
                    : request;
        } catch (StatusRuntimeException | IOException e) {
            return undecodable;
        }
    }
}
