/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.gateway;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Locale;
import java.util.regex.Matcher;
import org.jspecify.annotations.Nullable;

/**
 * Whether Envoy can compile an expression. One that it cannot makes it refuse all routes of the port, so this errs on the
 * side of refusing: the syntax is that of RE2, and the compiled program is bounded, as repetitions of repetitions grow
 * without limit.
 */
final class RegularExpression {
    /** The longest value of a header match in the Gateway API. */
    static final int MAX_LENGTH = 4096;

    /** Instructions after every {@code {n,m}} is written out. RE2's own limit (8 MB) is 87,000 of them. */
    private static final long MAX_SIZE = 50_000;

    /** Source: RE2, syntax: a repetition within others, multiplied. */
    private static final long MAX_REPETITIONS = 1_000;

    // What RE2 makes of one of them when it reads UTF-8, rounded up.
    private static final int CHARACTER = 1;
    private static final int FOLDED = 4; // the other case, which may have more bytes
    private static final int CLASS = 20; // all characters but a few
    private static final int UNICODE_CLASS = 500;

    private static final java.util.regex.Pattern COUNTS =
            java.util.regex.Pattern.compile("\\{([0-9]+)(?:,([0-9]*))?\\}");

    private final String expression;
    private final int character;
    private final Deque<Part> outer = new ArrayDeque<>();
    private Part inside = Part.NONE; // of the group that is read
    private Part last = Part.NONE; // what a repetition repeats

    /** The size of a part of the expression, and how often what is in it is repeated, at most. */
    private record Part(long size, long repetitions) {
        static final Part NONE = new Part(0, 1);

        Part and(Part other) {
            return new Part(bounded(size + other.size), Math.max(repetitions, other.repetitions));
        }

        Part times(long times) {
            return new Part(bounded(size * Math.max(1, times)), bounded(repetitions * Math.max(1, times)));
        }

        private static long bounded(long number) {
            return Math.min(number, Integer.MAX_VALUE);
        }
    }

    private RegularExpression(String expression) {
        this.expression = expression;
        this.character = expression.contains("(?") ? FOLDED : CHARACTER;
    }

    /** Returns what is wrong with it, null when nothing is. */
    static @Nullable String problem(String expression) {
        if (expression.isEmpty()) {
            return "a regular expression that is empty (expected: at least one character, such as .*)";
        }
        if (expression.length() > MAX_LENGTH) {
            return "a regular expression of " + expression.length() + " characters (expected: at most " + MAX_LENGTH
                    + ")";
        }
        Part all = new RegularExpression(expression).measure();
        if (all.repetitions() > MAX_REPETITIONS) {
            return "the regular expression \"" + Texts.shown(expression) + "\" is too large: it repeats something "
                    + all.repetitions() + " times (expected: at most " + MAX_REPETITIONS + ")";
        }
        if (all.size() > MAX_SIZE) {
            return "the regular expression \"" + Texts.shown(expression)
                    + "\" is too large once its repetitions are written out (expected: at most " + MAX_SIZE
                    + " instructions of RE2)";
        }
        try {
            Pattern.compile(expression);
            return null;
        } catch (PatternSyntaxException e) {
            return "\"" + Texts.shown(expression) + "\" is no regular expression of RE2: " + e.getMessage();
        }
    }

    /** Measures roughly; never less than it is. */
    private Part measure() {
        int at = 0;
        while (at < expression.length()) {
            char c = expression.charAt(at);
            if (c == '(') {
                outer.push(inside);
                inside = Part.NONE;
                last = Part.NONE;
                at++;
            } else if (c == ')' && !outer.isEmpty()) {
                last = inside.and(new Part(2, 1)); // where a group begins and ends
                inside = outer.pop().and(last);
                at++;
            } else if (c == '{') {
                at = repeat(at);
            } else if (expression.startsWith("\\Q", at)) {
                int end = expression.indexOf("\\E", at + 2);
                end = end < 0 ? expression.length() : end;
                inside = inside.and(new Part((long) character * (end - at), 1));
                last = new Part(character, 1);
                at = Math.min(end + 2, expression.length());
            } else {
                int end = atomEnd(at);
                last = new Part(size(expression.substring(at, end)), 1);
                inside = inside.and(last);
                at = end;
            }
        }
        while (!outer.isEmpty()) {
            inside = inside.and(outer.pop());
        }
        return inside;
    }

    /** Braces around anything but counts are characters like others. */
    private int repeat(int at) {
        Matcher counts = COUNTS.matcher(expression).region(at, expression.length());
        if (!counts.lookingAt()) {
            last = new Part(character, 1);
            inside = inside.and(last);
            return at + 1;
        }
        String most = counts.group(2) == null || counts.group(2).isEmpty() ? counts.group(1) : counts.group(2);
        last = last.times(most.length() > 4 ? MAX_REPETITIONS + 1 : Long.parseLong(most));
        inside = inside.and(last);
        return counts.end();
    }

    private long size(String atom) {
        if (atom.toLowerCase(Locale.ROOT).contains("\\p")) {
            return UNICODE_CLASS;
        }
        if (atom.startsWith("[")) {
            return (long) CLASS + (long) FOLDED * atom.length();
        }
        return atom.equals(".") || (atom.startsWith("\\") && "DSWC".indexOf(atom.charAt(atom.length() - 1)) >= 0)
                ? CLASS
                : character;
    }

    /** A quantifier without a count repeats what is there once, and counts as a character. */
    private int atomEnd(int at) {
        char c = expression.charAt(at);
        if (c == '\\') {
            return escapeEnd(at);
        }
        if (c != '[') {
            return at + 1;
        }
        int end = at + 1;
        if (end < expression.length() && expression.charAt(end) == '^') {
            end++;
        }
        if (end < expression.length() && expression.charAt(end) == ']') {
            end++;
        }
        while (end < expression.length() && expression.charAt(end) != ']') {
            if (expression.charAt(end) == '\\') {
                end = escapeEnd(end);
            } else {
                int named = expression.startsWith("[:", end) ? expression.indexOf(":]", end + 2) : -1;
                end = named < 0 ? end + 1 : named + 2;
            }
        }
        return Math.min(end + 1, expression.length());
    }

    /** Of {@code \pL}, {@code \p{Greek}} and {@code \x{10FFFF}} all of it. */
    private int escapeEnd(int at) {
        int end = Math.min(at + 2, expression.length());
        if ("pPx".indexOf(expression.charAt(end - 1)) < 0 || end == expression.length()) {
            return end;
        }
        int brace = expression.charAt(end) == '{' ? expression.indexOf('}', end) : end;
        return brace < 0 ? end + 1 : brace + 1;
    }
}
