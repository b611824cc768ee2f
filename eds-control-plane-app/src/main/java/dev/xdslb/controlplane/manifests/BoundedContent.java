/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.manifests;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Finds content that whoever walks through it would not come to the end of: an alias inside its own anchor, lists of
 * aliases of lists of aliases.
 */
final class BoundedContent {
    static final String EXPECTED =
            "contains itself, or is nested too deeply or too large (an alias inside its own anchor?)";

    /** An object of Kubernetes has about ten levels. */
    private static final int MAX_DEPTH = 100;

    /** With all aliases written out; a List of 100,000 endpoints has about a tenth of it. */
    private static final int MAX_NODES = 20_000_000;

    private int nodes;

    private BoundedContent() {}

    static void check(@Nullable Object content) throws ExceededException {
        new BoundedContent().walk(content, 0);
    }

    private void walk(@Nullable Object content, int depth) throws ExceededException {
        if (++nodes > MAX_NODES || depth > MAX_DEPTH) {
            throw new ExceededException();
        }
        if (content instanceof Map<?, ?> map) {
            for (Map.Entry<?, ?> entry : map.entrySet()) {
                walk(entry.getKey(), depth + 1);
                walk(entry.getValue(), depth + 1);
            }
        } else if (content instanceof List<?> list) {
            for (Object item : list) {
                walk(item, depth + 1);
            }
        }
    }

    static final class ExceededException extends Exception {
        private static final long serialVersionUID = 1;
    }
}
