/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.ads;

import io.envoyproxy.envoy.type.matcher.v3.NodeMatcher;
import io.envoyproxy.envoy.type.matcher.v3.StringMatcher;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;

/** Which clients somebody asks for: those that one of the matchers describes, and all of them where there is none. */
final class NodeMatchers {
    private NodeMatchers() {}

    /**
     * Returns whether a node's id is one of those that are asked for.
     *
     * @throws IllegalArgumentException with a reason for the caller, for matchers that cannot be obeyed
     */
    static Predicate<String> of(List<NodeMatcher> matchers) {
        List<Predicate<String>> each = matchers.stream().map(NodeMatchers::of).toList();
        return id -> each.isEmpty() || each.stream().anyMatch(matcher -> matcher.test(id));
    }

    private static Predicate<String> of(NodeMatcher matcher) {
        if (matcher.getNodeMetadatasCount() > 0) {
            throw new IllegalArgumentException(
                    "node_metadatas (expected: node_id alone, as the metadata of nodes are not kept)");
        }
        return matcher.hasNodeId() ? of(matcher.getNodeId()) : id -> true;
    }

    private static Predicate<String> of(StringMatcher matcher) {
        boolean anyCase = matcher.getIgnoreCase();
        return switch (matcher.getMatchPatternCase()) {
            case EXACT -> {
                String exact = cased(matcher.getExact(), anyCase);
                yield id -> cased(id, anyCase).equals(exact);
            }
            case PREFIX -> {
                String prefix = cased(matcher.getPrefix(), anyCase);
                yield id -> cased(id, anyCase).startsWith(prefix);
            }
            case SUFFIX -> {
                String suffix = cased(matcher.getSuffix(), anyCase);
                yield id -> cased(id, anyCase).endsWith(suffix);
            }
            case CONTAINS -> {
                String part = cased(matcher.getContains(), anyCase);
                yield id -> cased(id, anyCase).contains(part);
            }
            // Java's own patterns may take for ever, which RE2's may not.
            case SAFE_REGEX, CUSTOM ->
                throw new IllegalArgumentException(
                        "node_id." + matcher.getMatchPatternCase().name().toLowerCase(Locale.ROOT)
                                + " (expected: exact, prefix, suffix or contains)");
            case MATCHPATTERN_NOT_SET ->
                throw new IllegalArgumentException(
                        "node_id without a pattern (expected: exact, prefix, suffix or contains)");
        };
    }

    private static String cased(String text, boolean anyCase) {
        return anyCase ? text.toLowerCase(Locale.ROOT) : text;
    }
}
