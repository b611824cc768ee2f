/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.ads;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Finds, for a client that refuses a response whole, the good resources beside the bad one: what was refused is sent again in halves, and a
 * half that is refused, too, in its halves, until a response of one resource is refused. That one waits until it changes.
 *
 * <pre>
 * a b C d ──NACK──▶ a b ──ACK──▶ C d ──NACK──▶ C ──NACK──▶ d ──ACK
 * </pre>
 *
 * <p>With one bad resource of n this takes 2 log2 n responses more. A client that refuses one response after the other is given up:
 * there is nothing to be found. Confined to the stream's executor.
 */
final class RefusedParts {
    /** More than one bad resource of the largest response takes in a row. */
    private static final int MAX_REFUSALS = 20;

    private final Deque<List<String>> parts = new ArrayDeque<>(0);
    private List<String> unanswered = List.of();
    private int refusals; // in a row

    /** Notes the names in a response. */
    void sent(List<String> names) {
        unanswered = names;
    }

    /** Notes that the last response was accepted. */
    void accepted() {
        unanswered = List.of();
        refusals = 0;
    }

    /** Notes that the last response was refused. */
    void refused() {
        int size = unanswered.size();
        if (++refusals > MAX_REFUSALS) {
            parts.clear();
        } else if (size > 1) {
            parts.addFirst(unanswered.subList(size / 2, size));
            parts.addFirst(unanswered.subList(0, size / 2));
        }
        unanswered = List.of();
    }

    boolean isEmpty() {
        return parts.isEmpty();
    }

    /** Takes the names to be sent next; null when there are none. */
    @Nullable
    List<String> take() {
        return parts.pollFirst();
    }
}
