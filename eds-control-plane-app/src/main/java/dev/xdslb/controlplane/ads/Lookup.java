/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.ads;

import static java.util.Objects.requireNonNull;

import io.grpc.Status;
import org.jspecify.annotations.Nullable;

/** What there is at present under a name that somebody asked for. */
public sealed interface Lookup {

    record Found(EncodedResource resource) implements Lookup {
        public Found {
            requireNonNull(resource, "resource");
        }
    }

    /**
     * There is nothing under this name now; it may come later.
     *
     * @param code NOT_FOUND, or FAILED_PRECONDITION where the name needs to be more precise
     * @param message for people: what was asked, and what they may have meant
     * @param placeholder what a state-of-the-world client of this family gets in its place so that it stops waiting;
     *     null when it gets nothing but the error
     */
    record Missing(
            Status.Code code, String message, @Nullable EncodedResource placeholder) implements Lookup {
        public Missing {
            requireNonNull(code, "code");
            requireNonNull(message, "message");
        }
    }

    /** It cannot be told at the moment what there is, because of a fault: the client keeps what it has. */
    record Unknown() implements Lookup {}

    /**
     * It is not known yet what there is, because what it is made of could not be read: the client keeps what it has, also from an
     * earlier stream, and who has nothing waits.
     */
    record Withheld() implements Lookup {}
}
