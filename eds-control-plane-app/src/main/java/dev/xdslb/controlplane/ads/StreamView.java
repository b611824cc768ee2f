/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.ads;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One stream at one moment, for people who want to know what a client was told.
 *
 * @param node the client's id; null until its first request has come
 * @param protocol {@code delta} or {@code sotw}
 */
public record StreamView(
        @Nullable String node,
        @Nullable String userAgent,
        ClientVariant.@Nullable Family family,
        @Nullable String namespace,
        @Nullable ClientPlace place,
        String peer,
        String protocol,
        Instant since,
        List<TypeView> types) {

    public StreamView {
        types = List.copyOf(types);
    }

    /** Returns how many names are shown, of all types. */
    int shownNames() {
        return types.stream()
                .mapToInt(type -> type.subscribed().size() + type.sent().size())
                .sum();
    }

    /**
     * One type on a stream.
     *
     * @param wildcard whether the client wants everything of this type
     * @param names how many names there are, asked for one by one or because it wants everything
     * @param subscribed the names that it asked for one by one, 1,000 at most
     * @param sent the version that it was sent last, by name, for 1,000 names at most
     * @param unansweredNonce of the response that it has neither accepted nor rejected; null when there is none
     * @param lastNack null when it never rejected anything
     */
    public record TypeView(
            String typeUrl,
            boolean wildcard,
            int names,
            List<String> subscribed,
            Map<String, String> sent,
            @Nullable String unansweredNonce,
            @Nullable NackView lastNack,
            Counts counts) {}

    /** A response that the client rejected: its own words. */
    public record NackView(String nonce, int code, String message, Instant at) {}

    /** What went over the stream so far. */
    public record Counts(
            long requests,
            long responses,
            long resources,
            long removals,
            long bytes,
            long acks,
            long nacks,
            long staleNonces) {}
}
