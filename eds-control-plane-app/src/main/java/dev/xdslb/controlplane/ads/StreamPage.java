/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.ads;

import java.util.List;

/**
 * Some of the open streams, the oldest first.
 *
 * @param total how many there are, on all pages
 * @param next what to continue after for the next page; 0 when there is none
 */
public record StreamPage(int total, List<StreamView> streams, long next) {

    static final StreamPage EMPTY = new StreamPage(0, List.of(), 0);

    public StreamPage {
        streams = List.copyOf(streams);
    }
}
