/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.web;

import dev.xdslb.controlplane.ads.StreamView;
import dev.xdslb.controlplane.ads.XdsServer;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** Who is connected, what each client asked for, and what it was told. */
@RestController
final class StreamsController {

    private static final Comparator<StreamView> BY_NODE = Comparator.comparing(
                    StreamView::node, Comparator.nullsFirst(Comparator.naturalOrder()))
            .thenComparing(StreamView::since);

    private final XdsServer server;

    StreamsController(XdsServer server) {
        this.server = server;
    }

    /** The answer of {@code /debug/streams}. */
    record Streams(int count, List<StreamView> streams) {}

    /**
     * Answers for all streams, or for those of one client.
     *
     * @param node the client's node id
     */
    @GetMapping("/debug/streams")
    Streams streams(@RequestParam(required = false) @Nullable String node) {
        List<StreamView> streams = server.streams().stream()
                .filter(stream -> node == null || node.equals(stream.node()))
                .sorted(BY_NODE)
                .toList();
        return new Streams(streams.size(), streams);
    }
}
