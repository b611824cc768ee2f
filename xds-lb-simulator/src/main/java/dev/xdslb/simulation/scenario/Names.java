/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.simulation.scenario;

import java.time.Duration;
import java.util.List;

/** How parameters appear in the names of scenarios. */
final class Names {
    private Names() {}

    /** Returns nothing for one client, which is the plain case. */
    static String clients(int clients) {
        return clients == 1 ? "" : "-" + clients + "-clients";
    }

    static String percent(double share) {
        return Math.round(share * 100) + "-percent";
    }

    /** Returns {@code 0.3ms}, {@code 10ms}. */
    static String millis(Duration time) {
        double millis = time.toNanos() / 1e6;
        return (millis == Math.rint(millis) ? String.valueOf((long) millis) : String.valueOf(millis)) + "ms";
    }

    static String joined(List<Integer> numbers) {
        StringBuilder joined = new StringBuilder();
        for (int number : numbers) {
            joined.append(joined.length() == 0 ? "" : "-").append(number);
        }
        return joined.toString();
    }
}
