/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.simulation;

import java.util.Arrays;

/**
 * What happens next: times in nanoseconds with a payload, the earliest first. A heap with four children per node in two
 * primitive arrays, because a simulation spends most of its time here. Not thread-safe.
 */
final class EventQueue {
    private static final int CHILDREN_SHIFT = 2;

    private long[] times = new long[1024];
    private long[] payloads = new long[1024]; // 1:1 with times
    private int size;

    boolean isEmpty() {
        return size == 0;
    }

    /** Returns when the first event is due; {@link Long#MAX_VALUE} when there is none. */
    long firstTime() {
        return size == 0 ? Long.MAX_VALUE : times[0];
    }

    long firstPayload() {
        return payloads[0];
    }

    void add(long time, long payload) {
        if (size == times.length) {
            times = Arrays.copyOf(times, size * 2);
            payloads = Arrays.copyOf(payloads, size * 2);
        }
        int hole = size++;
        while (hole > 0) {
            int parent = (hole - 1) >> CHILDREN_SHIFT;
            if (times[parent] <= time) {
                break;
            }
            times[hole] = times[parent];
            payloads[hole] = payloads[parent];
            hole = parent;
        }
        times[hole] = time;
        payloads[hole] = payload;
    }

    void removeFirst() {
        long time = times[--size];
        long payload = payloads[size];
        int hole = 0;
        while (true) {
            int child = (hole << CHILDREN_SHIFT) + 1;
            if (child >= size) {
                break;
            }
            int least = child;
            int end = Math.min(child + (1 << CHILDREN_SHIFT), size);
            for (int i = child + 1; i < end; i++) {
                if (times[i] < times[least]) {
                    least = i;
                }
            }
            if (times[least] >= time) {
                break;
            }
            times[hole] = times[least];
            payloads[hole] = payloads[least];
            hole = least;
        }
        times[hole] = time;
        payloads[hole] = payload;
    }
}
