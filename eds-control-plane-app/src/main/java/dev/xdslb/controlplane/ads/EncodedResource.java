/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.ads;

import static java.util.Objects.requireNonNull;

import com.google.protobuf.ByteString;

/**
 * A resource as it goes over the wire: encoded once, shared by every stream.
 *
 * @param name the name under which it was asked for; the name inside the resource is the same
 * @param version a hash of the content: the same in every replica, different when the bytes differ
 * @param any a serialized {@code google.protobuf.Any}
 */
public record EncodedResource(String name, String version, ByteString any) {

    public EncodedResource {
        requireNonNull(name, "name");
        requireNonNull(version, "version");
        requireNonNull(any, "any");
    }
}
