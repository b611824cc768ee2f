/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.strategy;

import org.jspecify.annotations.Nullable;

/**
 * Reads from a request the value that it is routed by: the user, the tenant, the shard. Requests with the same key belong
 * together. Thread-safe; called for every request, so it is to be quick.
 */
@FunctionalInterface
public interface RequestKey {

    /** Returns the key, null where the request has none. */
    @Nullable
    String of(RequestAttributes request);

    /**
     * Returns the key of a request, as {@link #of} does, for those who route by it: it may be anybody's code.
     *
     * @throws RequestKeyException when it fails, whatever it throws
     */
    static @Nullable String read(RequestKey key, RequestAttributes request) {
        try {
            return key.of(request);
        } catch (RequestKeyException e) { // of a key that it is made of
            throw e;
        } catch (Throwable e) {
            throw RequestKeyException.of(key, e);
        }
    }

    /**
     * Returns the key that a text of the configuration describes. An empty value counts as none.
     *
     * <ul>
     *   <li>{@code header:NAME}: the first value of an HTTP header or of a gRPC metadata entry
     *   <li>{@code metadata:NAME}: the same, said in the words of gRPC
     *   <li>{@code cookie:NAME}: the first cookie of that name, whose case matters
     *   <li>{@code path}: the path of an HTTP request without its query, or {@code /package.Service/Method}
     * </ul>
     *
     * @throws IllegalArgumentException when it is none of these, or the name can be no header's
     */
    static RequestKey parse(String text) {
        return AttributeKey.parse(text);
    }
}
