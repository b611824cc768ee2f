/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.load;

/**
 * How many of an endpoint's last answers were refusals, both fading, and both of one moment.
 *
 * @param refused finite, 0 to {@code answered}
 * @param answered how many answers that counts, successes and failures among them; finite, 0 or more
 */
public record RecentAnswers(double refused, double answered) {
    /** None yet. */
    public static final RecentAnswers NONE = new RecentAnswers(0, 0);

    public RecentAnswers {
        if (!(refused >= 0 && refused <= answered && answered <= Double.MAX_VALUE)) {
            throw new IllegalArgumentException(
                    "refused: " + refused + " (expected: 0 to answered, which is finite: " + answered + ')');
        }
    }
}
