/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.observe;

import java.util.HashMap;
import java.util.Map;

/** How many endpoints may have meters of their own in one registry, all clusters together. Used by one thread at a time, but for the count of those without. */
final class EndpointBudget {
    private final int most;
    private final Map<Object, Integer> without = new HashMap<>();
    private int taken;
    private volatile int allWithout;

    EndpointBudget(int most) {
        this.most = most;
    }

    boolean isAny() {
        return most > 0;
    }

    /** Returns whether one more may have meters. */
    boolean take() {
        if (taken >= most) {
            return false;
        }
        taken++;
        return true;
    }

    void giveBack() {
        taken--;
    }

    /** Learns how many endpoints of somebody have none. */
    void without(Object owner, int number) {
        if (number == 0) {
            without.remove(owner);
        } else {
            without.put(owner, number);
        }
        allWithout = without.values().stream().mapToInt(Integer::intValue).sum();
    }

    /** Returns how many endpoints have none. */
    int without() {
        return allWithout;
    }
}
