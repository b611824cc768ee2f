/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.ads;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import io.envoyproxy.envoy.type.matcher.v3.NodeMatcher;
import io.envoyproxy.envoy.type.matcher.v3.StringMatcher;
import io.envoyproxy.envoy.type.matcher.v3.StructMatcher;
import io.envoyproxy.envoy.type.matcher.v3.ValueMatcher;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.function.Predicate;

/** Which clients somebody asks for: those that one of the matchers describes, and all of them where there is none. */
final class NodeMatchers {
    /** Whoever may ask may ask for every client, by the time that this takes. */
    static final int MAX_REGEX_CHARS = 256;

    private static final String PATTERNS = "exact, prefix, suffix, contains or safe_regex";

    private NodeMatchers() {}

    /**
     * Returns whether a client is one of those that are asked for.
     *
     * @throws IllegalArgumentException with a reason for the caller, for matchers that cannot be obeyed
     */
    static Predicate<Client> of(List<NodeMatcher> matchers) {
        List<Predicate<Client>> each = matchers.stream().map(NodeMatchers::of).toList();
        return client -> each.isEmpty() || each.stream().anyMatch(matcher -> matcher.test(client));
    }

    /** All that a matcher says has to be so. */
    private static Predicate<Client> of(NodeMatcher matcher) {
        List<Predicate<Client>> all = new ArrayList<>();
        if (matcher.hasNodeId()) {
            Predicate<String> id = of("node_id", matcher.getNodeId());
            all.add(client -> id.test(client.nodeId()));
        }
        matcher.getNodeMetadatasList().forEach(metadata -> all.add(of(metadata)));
        return client -> all.stream().allMatch(one -> one.test(client));
    }

    private static Predicate<Client> of(StructMatcher matcher) {
        Function<Client, String> field = field(matcher);
        ValueMatcher value = matcher.getValue();
        return switch (value.getMatchPatternCase()) {
            case STRING_MATCH -> {
                Predicate<String> text = of("node_metadatas.value.string_match", value.getStringMatch());
                yield client -> !field.apply(client).isEmpty() && text.test(field.apply(client));
            }
            case PRESENT_MATCH -> client -> field.apply(client).isEmpty() != value.getPresentMatch();
            default ->
                throw new IllegalArgumentException("node_metadatas.value."
                        + value.getMatchPatternCase().name().toLowerCase(Locale.ROOT)
                        + " (expected: string_match or present_match)");
        };
    }

    /** Of the metadata of a node no more is kept than what answers depend on. */
    private static Function<Client, String> field(StructMatcher matcher) {
        String path = String.join(
                ".",
                matcher.getPathList().stream().map(segment -> segment.getKey()).toList());
        return switch (path) {
            case "namespace" -> client -> client.variant().namespace();
            case "pod" -> client -> client.variant().pod();
            case "gateway" -> client -> client.variant().gateway();
            default ->
                throw new IllegalArgumentException("node_metadatas.path \"" + ClientText.shown(path)
                        + "\" (expected: namespace, pod or gateway, as no other metadata of nodes is kept)");
        };
    }

    private static Predicate<String> of(String field, StringMatcher matcher) {
        boolean anyCase = matcher.getIgnoreCase();
        return switch (matcher.getMatchPatternCase()) {
            case EXACT -> {
                String exact = cased(matcher.getExact(), anyCase);
                yield text -> cased(text, anyCase).equals(exact);
            }
            case PREFIX -> {
                String prefix = cased(matcher.getPrefix(), anyCase);
                yield text -> cased(text, anyCase).startsWith(prefix);
            }
            case SUFFIX -> {
                String suffix = cased(matcher.getSuffix(), anyCase);
                yield text -> cased(text, anyCase).endsWith(suffix);
            }
            case CONTAINS -> {
                String part = cased(matcher.getContains(), anyCase);
                yield text -> cased(text, anyCase).contains(part);
            }
            case SAFE_REGEX -> regex(field, matcher.getSafeRegex().getRegex()); // ignore_case has no effect on it
            case CUSTOM -> throw new IllegalArgumentException(field + ".custom (expected: " + PATTERNS + ")");
            case MATCHPATTERN_NOT_SET ->
                throw new IllegalArgumentException(field + " without a pattern (expected: " + PATTERNS + ")");
        };
    }

    /** By RE2, as Envoy does: Java's own patterns may take for ever. What is repeated by a number is written out, so there is none. */
    private static Predicate<String> regex(String field, String expression) {
        if (expression.length() > MAX_REGEX_CHARS || expression.indexOf('{') >= 0) {
            throw new IllegalArgumentException(field + ".safe_regex of " + expression.length()
                    + " characters (expected: at most " + MAX_REGEX_CHARS + ", and no {)");
        }
        try {
            Pattern pattern = Pattern.compile(expression);
            return text -> pattern.matcher(text).matches();
        } catch (PatternSyntaxException e) {
            throw new IllegalArgumentException(
                    field + ".safe_regex is no regular expression of RE2: " + ClientText.shown(e.getDescription()), e);
        }
    }

    private static String cased(String text, boolean anyCase) {
        return anyCase ? text.toLowerCase(Locale.ROOT) : text;
    }
}
