/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.gateway;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * Whether Envoy can compile an expression. One that it cannot makes it refuse all routes of the port, so this errs on the
 * side of refusing: the syntax is that of RE2, and the compiled program is bounded, as repetitions of repetitions grow
 * without limit.
 */
final class RegularExpression {
    /** The longest value of a header match in the Gateway API. */
    static final int MAX_LENGTH = 4096;

    /** Characters and classes after every {@code {n,m}} is written out. RE2's own limit (8 MB) is far above. */
    private static final long MAX_SIZE = 10_000;

    private static final int UNICODE_CLASS = 100; // \pL and the like are hundreds of ranges

    private RegularExpression() {}

    /** Returns what is wrong with it, null when nothing is. */
    static @Nullable String problem(String expression) {
        if (expression.length() > MAX_LENGTH) {
            return "a regular expression of " + expression.length() + " characters (expected: at most " + MAX_LENGTH
                    + ")";
        }
        if (size(expression) > MAX_SIZE) {
            return "the regular expression \"" + Texts.shown(expression)
                    + "\" is too large once its repetitions are written out (expected: at most " + MAX_SIZE + ")";
        }
        try {
            Pattern.compile(expression);
            return null;
        } catch (PatternSyntaxException e) {
            return "\"" + Texts.shown(expression) + "\" is no regular expression of RE2: " + e.getMessage();
        }
    }

    /** Returns the size when repetitions are written out, roughly; never less than it is. */
    private static long size(String expression) {
        Deque<Long> outer = new ArrayDeque<>();
        long sum = 0;
        long last = 0; // what a repetition repeats
        int at = 0;
        while (at < expression.length()) {
            char c = expression.charAt(at);
            if (c == '(') {
                outer.push(sum);
                sum = 0;
                last = 0;
                at++;
            } else if (c == ')' && !outer.isEmpty()) {
                last = sum + 1;
                sum = outer.pop() + last;
                at++;
            } else if (c == '{') {
                int end = expression.indexOf('}', at);
                long times = end < 0 ? 1 : largest(expression.substring(at + 1, end));
                sum = bounded(sum + last * (times - 1));
                last = bounded(last * times);
                at = end < 0 ? at + 1 : end + 1;
            } else {
                int end = atomEnd(expression, at);
                last = expression.substring(at, end).contains("\\p")
                                || expression.substring(at, end).contains("\\P")
                        ? UNICODE_CLASS
                        : 1;
                sum += last;
                at = end;
            }
        }
        while (!outer.isEmpty()) {
            sum += outer.pop();
        }
        return sum;
    }

    private static long bounded(long size) {
        return Math.min(size, Integer.MAX_VALUE);
    }

    private static long largest(String counts) {
        long largest = 1;
        for (String count : counts.split(",", 2)) {
            String digits = count.trim();
            if (digits.length() > 4) {
                return MAX_SIZE + 1;
            }
            if (!digits.isEmpty() && digits.chars().allMatch(c -> c >= '0' && c <= '9')) {
                largest = Math.max(largest, Long.parseLong(digits));
            }
        }
        return largest;
    }

    /** A quantifier without a count repeats what is there once, and counts as a character. */
    private static int atomEnd(String expression, int at) {
        char c = expression.charAt(at);
        if (c == '\\') {
            return Math.min(at + 2, expression.length());
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
            end += expression.charAt(end) == '\\' ? 2 : 1;
        }
        return Math.min(end + 1, expression.length());
    }
}
