/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.kubernetes;

import dev.xdslb.controlplane.topology.PolicyKnob;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.ToIntFunction;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Finds the annotation, or the strategy, that somebody may have meant. */
final class NearestKnob {
    static final Set<String> NAMES = Arrays.stream(PolicyKnob.values())
            .map(PolicyKnob::annotation)
            .collect(Collectors.toCollection(TreeSet::new));

    /** Those of our clients; an application may have more. */
    private static final Set<String> STRATEGIES = Set.of(
            "maglev",
            "p2c-ewma",
            "p2c-least-request",
            "random",
            "ring-hash",
            "round-robin",
            "weighted-random",
            "weighted-round-robin");

    /** The longest name that there is, and some letters too many. */
    private static final int MOST_LETTERS = 60;

    private NearestKnob() {}

    /** Returns a hint in brackets; empty where none is near. */
    static String hint(String name) {
        if (name.length() > MOST_LETTERS) {
            return "";
        }
        List<String> whole = NAMES.stream()
                .filter(known -> known.endsWith("-" + name) || known.startsWith(name + "-"))
                .toList();
        if (!whole.isEmpty()) { // a part of it, such as "max-share"
            return " (meant: " + PolicyAnnotations.PREFIX
                    + String.join(" or " + PolicyAnnotations.PREFIX, whole.subList(0, Math.min(3, whole.size())))
                    + "?)";
        }
        String nearest = nearest(NAMES, name, known -> Math.max(2, known.length() / 3));
        return nearest == null ? "" : " (meant: " + PolicyAnnotations.PREFIX + nearest + "?)";
    }

    /** Returns the strategy of ours that a name which is none of them may mean; null where it is one, or none is near. */
    static @Nullable String strategy(String name) {
        // They have long beginnings in common, which say nothing of what an application's own may be called.
        return STRATEGIES.contains(name) ? null : nearest(STRATEGIES, name, known -> 2);
    }

    /** Returns null where it is further away than is allowed of it. */
    private static @Nullable String nearest(Set<String> names, String name, ToIntFunction<String> most) {
        String nearest = names.stream()
                .min(Comparator.<String>comparingInt(known -> distance(known, name))
                        .thenComparing(Comparator.naturalOrder()))
                .orElseThrow();
        return distance(nearest, name) <= most.applyAsInt(nearest) ? nearest : null;
    }

    /** Returns the edit distance (Levenshtein). */
    private static int distance(String a, String b) {
        int[] row = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int replaced = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(replaced, 1 + Math.min(row[j], row[j - 1]));
            }
        }
        return row[b.length()];
    }
}
