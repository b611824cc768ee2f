/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.ads;

import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * The names of which there may be something to tell, each once, in the order in which they came. Names know themselves whether they
 * are in it, which costs a bit instead of an entry of a hash table. Confined to the stream's executor.
 */
final class PendingNames {
    /** Names that were taken out from the middle and still have a place: as many as are let be. */
    private static final int MAX_GONE = 64;

    private final ArrayDeque<SubscribedName> names = new ArrayDeque<>(2);
    private int gone; // of these names

    void add(SubscribedName name) {
        if (!name.isPending) {
            name.isPending = true;
            names.add(name);
        }
    }

    /** Takes the first one; null when there is none. */
    @Nullable
    SubscribedName take() {
        SubscribedName first;
        while ((first = names.poll()) != null) {
            if (first.isPending) {
                first.isPending = false;
                return first;
            }
            gone--;
        }
        return null;
    }

    /** Takes out one that is not to be told of any more, and does not come again. */
    void drop(SubscribedName name) {
        if (!name.isPending) {
            return;
        }
        name.isPending = false;
        gone++;
        if (gone == names.size()) {
            names.clear();
            gone = 0;
        } else if (gone > MAX_GONE && gone > names.size() / 2) {
            names.removeIf(other -> !other.isPending);
            gone = 0;
        }
    }

    boolean isEmpty() {
        return names.size() == gone;
    }
}
