/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.sample.backend;

import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.springframework.boot.convert.DurationStyle;
import org.springframework.web.servlet.function.ServerRequest;
import org.springframework.web.servlet.function.ServerResponse;

/** What {@link BackendApplication} answers. */
final class BackendRoutes {
    private final String podName;
    private final Behaviour behaviour;

    BackendRoutes(String podName, Behaviour behaviour) {
        this.podName = podName;
        this.behaviour = behaviour;
    }

    ServerResponse order(ServerRequest request) throws InterruptedException {
        if (behaviour.isFailing()) {
            return ServerResponse.status(500).body(podName + " is told to fail");
        }
        TimeUnit.NANOSECONDS.sleep(behaviour.nextServiceNanos(ThreadLocalRandom.current()));
        return ServerResponse.ok().body(new OrderAnswer(request.pathVariable("id"), podName));
    }

    ServerResponse latency(ServerRequest request) {
        String given = request.param("value").orElse("");
        try {
            behaviour.setServiceTime(DurationStyle.detectAndParse(given));
        } catch (IllegalArgumentException e) {
            return ServerResponse.badRequest().body("value: \"" + given + "\" (expected: a duration such as 50ms)");
        }
        return ServerResponse.noContent().build();
    }

    ServerResponse failing(ServerRequest request) {
        String given = request.param("value").orElse("");
        if (!given.equals("true") && !given.equals("false")) {
            return ServerResponse.badRequest().body("value: \"" + given + "\" (expected: true or false)");
        }
        behaviour.setFailing(given.equals("true"));
        return ServerResponse.noContent().build();
    }
}
