/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.ads;

import static java.util.Objects.requireNonNull;

import org.jspecify.annotations.Nullable;

/**
 * What streams need to know of a type of resource. Everything else of it, what its resources are made of and when they
 * change, is for the store to know.
 *
 * @param name a short word for people
 * @param fullState whether a state-of-the-world response of this type is complete, so that a client deletes what it does
 *     not name. The same types take an empty first request for "everything". Source: xDS protocol, "Grouping resources
 *     into responses" and "How the client specifies what resources to return"
 * @param warmedBy the type whose resource of the same name makes a client wait for this one each time that it is sent, so
 *     that this one is sent after it, changed or not; null when there is none
 * @param parts whether these are parts of what they are warmed by, the whole: a part is named after its whole, with a slash and
 *     more, its changes are announced under its name, and "*" stands for the parts of those wholes that a client has on the same stream. Envoy puts what it is sent of
 *     other wholes aside and still says, when it comes back, that it has it (envoyproxy/envoy#12742)
 */
public record ResourceType(
        String name,
        String typeUrl,
        boolean fullState,
        @Nullable ResourceType warmedBy,
        boolean parts) {

    public ResourceType {
        requireNonNull(name, "name");
        requireNonNull(typeUrl, "typeUrl");
        if (parts && warmedBy == null) {
            throw new IllegalArgumentException(
                    name + " are parts of nothing (expected: a type that they are warmed by)");
        }
    }

    /** Creates a type whose resources are no parts. */
    public ResourceType(String name, String typeUrl, boolean fullState, @Nullable ResourceType warmedBy) {
        this(name, typeUrl, fullState, warmedBy, false);
    }

    /** Returns the name of the resource that makes a client wait for this one. */
    public String awaitedAfter(String resource) {
        int slash = parts ? resource.lastIndexOf('/') : -1;
        return slash < 0 ? resource : resource.substring(0, slash);
    }

    @Override
    public String toString() {
        return name;
    }
}
