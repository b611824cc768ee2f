/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.simulation;

import java.util.Arrays;

/**
 * The requests under way, each in a slot that is used again after both its client and its pod are done with it. Arrays in
 * place of objects: millions of requests make no garbage. Not thread-safe.
 */
final class RequestTable {
    long[] startedAt = new long[256];
    int[] client = new int[256];
    int[] pod = new int[256];
    int[] phase = new int[256];
    /** How often it was sent. */
    int[] tries = new int[256];
    /** Counts the uses of a slot, so that an event of an earlier request in it is recognised. */
    int[] generation = new int[256];
    /** Whether the client is done with it. */
    boolean[] answered = new boolean[256];
    /** Whether the pod, or an event that is still to come, is not done with it. */
    boolean[] held = new boolean[256];

    private int[] free = new int[256];
    private int freeCount;
    private int used; // slots at and above were never used

    int open(long now, int ofClient, int inPhase) {
        int slot = freeCount > 0 ? free[--freeCount] : unused();
        startedAt[slot] = now;
        client[slot] = ofClient;
        pod[slot] = SimulatedBalancer.NO_POD;
        phase[slot] = inPhase;
        tries[slot] = 1;
        answered[slot] = false;
        held[slot] = false;
        return slot;
    }

    /** Gives the slot back where client and pod are done with it. */
    void closeIfDone(int slot) {
        if (answered[slot] && !held[slot]) {
            generation[slot]++;
            if (freeCount == free.length) {
                free = Arrays.copyOf(free, freeCount * 2);
            }
            free[freeCount++] = slot;
        }
    }

    /** Returns the slots that a pod holds. */
    int[] heldBy(int ofPod) {
        int[] slots = new int[used];
        int count = 0;
        for (int slot = 0; slot < used; slot++) {
            if (held[slot] && pod[slot] == ofPod) {
                slots[count++] = slot;
            }
        }
        return Arrays.copyOf(slots, count);
    }

    /** Returns the slots whose client still waits. */
    int[] unanswered() {
        boolean[] isFree = new boolean[used];
        for (int i = 0; i < freeCount; i++) {
            isFree[free[i]] = true;
        }
        int[] slots = new int[used];
        int count = 0;
        for (int slot = 0; slot < used; slot++) {
            if (!isFree[slot] && !answered[slot]) {
                slots[count++] = slot;
            }
        }
        return Arrays.copyOf(slots, count);
    }

    private int unused() {
        if (used == startedAt.length) {
            int length = used * 2;
            startedAt = Arrays.copyOf(startedAt, length);
            client = Arrays.copyOf(client, length);
            pod = Arrays.copyOf(pod, length);
            phase = Arrays.copyOf(phase, length);
            tries = Arrays.copyOf(tries, length);
            generation = Arrays.copyOf(generation, length);
            answered = Arrays.copyOf(answered, length);
            held = Arrays.copyOf(held, length);
        }
        return used++;
    }
}
