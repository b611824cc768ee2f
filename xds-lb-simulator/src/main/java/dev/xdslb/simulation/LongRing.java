/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.simulation;

/** A first-in-first-out queue of numbers that grows and never shrinks. Not thread-safe. */
final class LongRing {
    private long[] values = new long[16]; // the length is a power of two
    private int head;
    private int size;

    boolean isEmpty() {
        return size == 0;
    }

    int size() {
        return size;
    }

    void add(long value) {
        if (size == values.length) {
            long[] larger = new long[size * 2];
            for (int i = 0; i < size; i++) {
                larger[i] = values[(head + i) & (values.length - 1)];
            }
            values = larger;
            head = 0;
        }
        values[(head + size++) & (values.length - 1)] = value;
    }

    long first() {
        return values[head];
    }

    long removeFirst() {
        long value = values[head];
        head = (head + 1) & (values.length - 1);
        size--;
        return value;
    }

    void clear() {
        head = 0;
        size = 0;
    }
}
