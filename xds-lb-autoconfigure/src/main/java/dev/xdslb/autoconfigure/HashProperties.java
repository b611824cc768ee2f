/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.autoconfigure;

import static java.util.Objects.requireNonNullElse;

import dev.xdslb.strategy.HashSettings;
import dev.xdslb.strategy.RequestKey;
import org.jspecify.annotations.Nullable;

/**
 * How the strategies ring-hash and maglev map requests to endpoints.
 *
 * @param key What requests are told apart by, as header:name, metadata:name (of gRPC), cookie:name, path, or bean:name for a
 *     RequestKey bean.
 * @param balanceFactor How many times its share of the requests in flight an endpoint may have before a request goes to
 *     another one, above 1 and up to 100. 0 for no bound.
 * @param ringSize Most points of the ring of ring-hash, from 1024 to 8388608.
 * @param tableSize Entries of the table of maglev, a prime number from 1009 to 5000011.
 */
public record HashProperties(
        @Nullable String key,
        @Nullable Double balanceFactor,
        @Nullable Integer ringSize,
        @Nullable Integer tableSize) {

    /** Returns whether nothing is set. */
    boolean isEmpty() {
        return key == null && balanceFactor == null && ringSize == null && tableSize == null;
    }

    /** Returns what these properties say, completed by the level below; the key is found by the caller. */
    HashSettings over(HashSettings base, RequestKey foundKey) {
        return new HashSettings(
                foundKey,
                requireNonNullElse(balanceFactor, base.balanceFactor()),
                requireNonNullElse(ringSize, base.ringSize()),
                requireNonNullElse(tableSize, base.tableSize()));
    }
}
