/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.ads;

import io.grpc.Status;
import org.jspecify.annotations.Nullable;

/**
 * What a request has to be like, whatever it asks for. Each rule says what was given and what is expected.
 *
 * @param onlyType the URL of the one type that may be asked for; null for any
 * @param method for people
 * @param <Q> the protocol's request
 */
record RequestRules<Q>(Dialect<Q> dialect, @Nullable String onlyType, String method, int maxNames) {

    /**
     * Returns why a stream cannot go on after a request; null where it can.
     *
     * @param first whether it is the stream's first one, which says who the client is
     */
    @Nullable
    Status problem(Q request, boolean first) {
        if (request == dialect.tooLarge()) {
            return Status.RESOURCE_EXHAUSTED.withDescription("a request of more than " + Dialect.MAX_REQUEST_BYTES
                    + " bytes (expected: at most so many, and at most "
                    + maxNames + " names)");
        }
        int names = dialect.names(request);
        if (names > maxNames) {
            return Status.RESOURCE_EXHAUSTED.withDescription(
                    "a request of " + names + " names (expected: at most " + maxNames + ")");
        }
        String invalid = invalid(request, first);
        return invalid == null ? null : Status.INVALID_ARGUMENT.withDescription(invalid);
    }

    /** Returns what is wrong with a request of a size that is allowed. */
    private @Nullable String invalid(Q request, boolean first) {
        if (request == dialect.undecodable()) {
            return "the request cannot be decoded (expected: a message of the protocol's " + dialect.protocol()
                    + " form)";
        }
        String ofNode = first ? Client.problem(dialect.node(request)) : null;
        if (ofNode != null) {
            return ofNode;
        }
        String typeUrl = typeUrl(request);
        if (typeUrl.isEmpty()) {
            return "a request on an aggregated stream has no type_url";
        }
        if (onlyType != null && !onlyType.equals(typeUrl)) {
            return "a request of the type " + ClientText.shown(typeUrl) + " by "
                    + method + " (expected: " + onlyType
                    + ", or none; every type that is served may be asked for on an aggregated stream)";
        }
        String tooLong = ClientText.isTooLong(typeUrl) ? typeUrl : dialect.tooLongText(request);
        return tooLong == null
                ? null
                : "a name or version of " + tooLong.length() + " characters (expected: at most " + ClientText.MAX_CHARS
                        + "): " + ClientText.shown(tooLong);
    }

    /** Returns the type that a request is about: a service of one type need not be told which. */
    String typeUrl(Q request) {
        String asked = dialect.typeUrl(request);
        return asked.isEmpty() && onlyType != null ? onlyType : asked;
    }
}
