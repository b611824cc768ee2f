/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.web;

import dev.xdslb.controlplane.ads.StreamPage;
import dev.xdslb.controlplane.ads.StreamView;
import dev.xdslb.controlplane.ads.XdsServer;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.http.ProblemDetail;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** Who is connected, what each client asked for, and what it was told. */
@RestController
final class StreamsController {
    private static final int MAX_LIMIT = 1_000;

    private final XdsServer server;

    StreamsController(XdsServer server) {
        this.server = server;
    }

    /**
     * The answer of {@code /debug/streams}.
     *
     * @param count of all pages together
     * @param next what to give as {@code after} for the next page; null on the last one
     */
    record Streams(int count, @Nullable Long next, List<StreamView> streams) {}

    /**
     * Answers for all streams, or for those of one client, the oldest first.
     *
     * @param node the client's node id
     * @param after {@code next} of the page before
     * @param limit how many streams at most; a page whose streams have many names has fewer
     */
    @GetMapping("/debug/streams")
    Streams streams(
            @RequestParam(required = false) @Nullable String node,
            @RequestParam(defaultValue = "0") long after,
            @RequestParam(defaultValue = "100") int limit) {
        if (limit < 1 || limit > MAX_LIMIT) {
            throw new IllegalArgumentException("limit: " + limit + " (expected: 1 to " + MAX_LIMIT + ")");
        }
        StreamPage page = server.streams(node, after, limit);
        return new Streams(page.total(), page.next() == 0 ? null : page.next(), page.streams());
    }

    @ExceptionHandler
    ProblemDetail refuse(IllegalArgumentException wrong) {
        return ProblemDetail.forStatusAndDetail(HttpStatus.BAD_REQUEST, String.valueOf(wrong.getMessage()));
    }
}
