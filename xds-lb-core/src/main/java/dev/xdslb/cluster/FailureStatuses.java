/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.cluster;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apiguardian.api.API;

/**
 * Which statuses of HTTP responses count against an endpoint. 429, where it is none of them, and 503 with {@code Retry-After} are
 * refusals, see {@link dev.xdslb.load.Outcome#REFUSED}; all others are successes.
 *
 * @param ranges in any order; none where no status is a failure
 */
@API(status = API.Status.STABLE)
public record FailureStatuses(List<Range> ranges) {
    /** Server errors, 500 to 599: other errors are the caller's mistake. */
    public static final FailureStatuses DEFAULT = new FailureStatuses(List.of(new Range(500, 599)));

    private static final Pattern RANGE = Pattern.compile("([0-9]{3})(?:-([0-9]{3}))?");

    public FailureStatuses {
        ranges = List.copyOf(ranges);
    }

    /**
     * Reads statuses as one writes them.
     *
     * @param texts statuses such as {@code 429}, and ranges with both ends such as {@code 500-599}
     * @throws IllegalArgumentException where one is neither, and says which
     */
    public static FailureStatuses parse(List<String> texts) {
        List<Range> ranges = new ArrayList<>();
        for (String text : texts) {
            Matcher matcher = RANGE.matcher(text.strip());
            if (!matcher.matches()) {
                throw new IllegalArgumentException(
                        "\"" + text + "\" (expected: a status such as 429 or a range such as 500-599)");
            }
            int first = Integer.parseInt(matcher.group(1));
            ranges.add(new Range(first, matcher.group(2) == null ? first : Integer.parseInt(matcher.group(2))));
        }
        return new FailureStatuses(ranges);
    }

    /** Returns whether a status is one of them. */
    public boolean contains(int status) {
        for (Range range : ranges) {
            if (status >= range.first && status <= range.last) {
                return true;
            }
        }
        return false;
    }

    @Override
    public String toString() {
        return ranges.stream().map(Range::toString).collect(Collectors.joining(", "));
    }

    /**
     * Statuses one after the other.
     *
     * @param first 100 or more
     * @param last 999 or less, not below the first
     */
    @API(status = API.Status.STABLE)
    public record Range(int first, int last) {
        public Range {
            if (first < 100 || last > 999 || last < first) {
                throw new IllegalArgumentException(
                        "\"" + first + '-' + last + "\" (expected: from 100 to 999, the lower one first)");
            }
        }

        @Override
        public String toString() {
            return first == last ? Integer.toString(first) : first + "-" + last;
        }
    }
}
