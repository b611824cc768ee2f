/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.kubernetes;

import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Says once when watches are lost and once when they are back. The client reconnects by itself and hardly says so; a
 * watch that the API server ends in the ordinary way is back long before the second look. Confined to one thread.
 */
final class WatchMonitor {

    private static final Logger logger = LoggerFactory.getLogger(WatchMonitor.class);

    private List<String> lastLook = List.of();
    private List<String> reported = List.of();

    /** Looks at what is not watched at the moment, and returns what has been said to be lost. */
    List<String> look(List<String> unwatched) {
        List<String> lost = new ArrayList<>(unwatched);
        lost.retainAll(lastLook);
        lastLook = List.copyOf(unwatched);
        if (!lost.equals(reported)) {
            if (lost.isEmpty()) {
                logger.info("watched again: {}", String.join(", ", reported));
            } else {
                logger.warn("not watched, the last state is served: {}", String.join(", ", lost));
            }
            reported = List.copyOf(lost);
        }
        return reported;
    }
}
