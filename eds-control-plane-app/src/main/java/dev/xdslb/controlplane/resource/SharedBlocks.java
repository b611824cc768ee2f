/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.resource;

import com.google.protobuf.ByteString;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/**
 * Bytes that are the same in many encodings of one state of a service: the endpoints of a zone, which are nearly all of an
 * assignment, whatever weight a client is told for the zone. Made once, and kept as long as the state.
 */
final class SharedBlocks {

    /** The endpoints of a locality that has all of its zone. */
    record Key(int port, boolean all, String region, String zone) {}

    private final Map<Key, ByteString> blocks = new ConcurrentHashMap<>();

    Use use() {
        return new Use();
    }

    /** What one encoding takes of them. Used by one thread. */
    final class Use {
        private long bytes;

        ByteString of(Key key, Supplier<ByteString> missing) {
            ByteString block = blocks.computeIfAbsent(key, k -> missing.get());
            bytes += block.size();
            return block;
        }

        /** Returns how many bytes of the encoding are shared. */
        long bytes() {
            return bytes;
        }
    }
}
