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
 */
public record ResourceType(
        String name,
        String typeUrl,
        boolean fullState,
        @Nullable ResourceType warmedBy) {

    public ResourceType {
        requireNonNull(name, "name");
        requireNonNull(typeUrl, "typeUrl");
    }

    @Override
    public String toString() {
        return name;
    }
}
