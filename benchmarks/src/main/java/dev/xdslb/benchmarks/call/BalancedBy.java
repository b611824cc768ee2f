/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.benchmarks.call;

import java.util.Arrays;
import java.util.List;

/** Who chooses the server of a call. */
public enum BalancedBy {
    /** Nobody: all calls go to one server. */
    NOBODY("none"),
    /** Spring Cloud's round robin, or that of grpc-java. */
    PLATFORM("platform-round-robin"),
    /** Ours, with its default strategy. */
    XDS_LB("xds-lb-p2c-ewma");

    private final String label;

    BalancedBy(String label) {
        this.label = label;
    }

    /** Returns its name in tables and reports. */
    public String label() {
        return label;
    }

    /**
     * Returns those whose names begin with this.
     *
     * @throws IllegalArgumentException when there is none
     */
    public static List<BalancedBy> named(String prefix) {
        List<BalancedBy> named = Arrays.stream(values())
                .filter(system -> system.label.startsWith(prefix))
                .toList();
        if (named.isEmpty()) {
            throw new IllegalArgumentException("system: \"" + prefix + "\" (expected: one of "
                    + Arrays.stream(values()).map(BalancedBy::label).toList() + ")");
        }
        return named;
    }
}
