/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.topology;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The times in which more than the tolerated share of some pods was lost within a window. Pods that were lost before or
 * after are not part of it. Immutable.
 *
 * <pre>
 *   lost:        x                x x xx xxx  x           ready at the first of them: 10 lost from then on + 2 still ready
 *                      within the window: ├─ 8 ─┤         8 of 12 are more than a half: the eight are held, the other two not
 * </pre>
 */
final class Disruptions {
    static final Disruptions NONE = new Disruptions(List.of());

    private final List<Span> spans;

    private Disruptions(List<Span> spans) {
        this.spans = List.copyOf(spans);
    }

    /**
     * A pod that was lost.
     *
     * @param since by the clock of who said so, as all others
     */
    record Loss(Instant since, String node) {}

    private record Span(Instant first, Instant last) {}

    /**
     * Finds them.
     *
     * @param ready how many pods are ready still
     * @param minNodes on how many nodes the pods must be that were lost: one that dies takes its pods with it
     */
    static Disruptions of(int ready, List<Loss> losses, int minNodes, MassNotReady settings) {
        List<Loss> sorted = new ArrayList<>(losses);
        sorted.sort(Comparator.comparing(Loss::since));
        List<Span> spans = new ArrayList<>();
        int end = 0; // the first that is out of the window
        for (int start = 0; start < sorted.size(); start++) {
            Instant last = sorted.get(start).since().plus(settings.window());
            while (end < sorted.size() && !sorted.get(end).since().isAfter(last)) {
                end++;
            }
            int readyBefore = ready + sorted.size() - start;
            if (end - start > settings.share() * readyBefore && areOn(minNodes, sorted.subList(start, end))) {
                add(spans, sorted.get(start).since(), sorted.get(end - 1).since());
            }
        }
        return spans.isEmpty() ? NONE : new Disruptions(spans);
    }

    /** Returns whether a pod that was lost then is one of too many. */
    boolean cover(Instant since) {
        for (Span span : spans) {
            if (!since.isBefore(span.first) && !since.isAfter(span.last)) {
                return true;
            }
        }
        return false;
    }

    private static void add(List<Span> spans, Instant first, Instant last) {
        Span before = spans.isEmpty() ? null : spans.get(spans.size() - 1);
        if (before != null && !first.isAfter(before.last)) {
            spans.set(spans.size() - 1, new Span(before.first, last));
        } else {
            spans.add(new Span(first, last));
        }
    }

    private static boolean areOn(int minNodes, List<Loss> losses) {
        Set<String> nodes = new HashSet<>();
        for (Loss loss : losses) {
            nodes.add(loss.node());
            if (nodes.size() >= minNodes) {
                return true;
            }
        }
        return false;
    }
}
