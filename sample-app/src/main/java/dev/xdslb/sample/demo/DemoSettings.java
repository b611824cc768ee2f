/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.sample.demo;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.core.env.SimpleCommandLinePropertySource;
import org.springframework.core.env.StandardEnvironment;

/**
 * Settings of the demo, {@code xds-lb.demo.*}.
 *
 * @param report where to write the figures as JSON lines; none means: nowhere
 * @param duration for how long to measure without spectators, then end; none means: play until ended by hand, unless there
 *     is a report
 * @param rate requests per second of each client but the one that calls one by one
 * @param serviceTime how long a pod takes for a request on average
 * @param pinnedConnections how many connections the client has that pins them
 * @param port where the page is, if it is free; 0 for any free port
 * @param envoy the program of an Envoy that takes part; none means: the one on the search path, if there is one
 */
record DemoSettings(
        @Nullable Path report,
        @Nullable Duration duration,
        @DefaultValue("400") int rate,
        @DefaultValue("20ms") Duration serviceTime,
        @DefaultValue("10") int pinnedConnections,
        @DefaultValue("8080") int port,
        @Nullable Path envoy) {

    private static final Duration DEFAULT_DURATION = Duration.ofSeconds(30);

    DemoSettings {
        requirePositive("rate", rate);
        requirePositive("pinned-connections", pinnedConnections);
        if (envoy != null && !Files.isExecutable(envoy)) {
            throw new IllegalArgumentException("xds-lb.demo.envoy: " + envoy
                    + " (expected: the program of an Envoy; there is none, or it cannot be executed)");
        }
        if (duration != null && (duration.isNegative() || duration.isZero())) {
            throw new IllegalArgumentException(
                    "xds-lb.demo.duration: " + duration + " (expected: more than 0, as 30s)");
        }
    }

    /** Reads the settings from arguments, system properties and the environment, the first of which wins. */
    static DemoSettings from(String... arguments) {
        StandardEnvironment environment = new StandardEnvironment();
        environment.getPropertySources().addFirst(new SimpleCommandLinePropertySource(arguments));
        ConfigurationPropertySources.attach(environment);
        return Binder.get(environment).bindOrCreate("xds-lb.demo", Bindable.of(DemoSettings.class));
    }

    /** Returns whether nobody watches: the demo measures and ends by itself. */
    boolean unattended() {
        return report != null || duration != null;
    }

    /** Returns for how long to measure where nobody watches. */
    Duration measuredDuration() {
        return duration == null ? DEFAULT_DURATION : duration;
    }

    private static void requirePositive(String name, int value) {
        if (value < 1) {
            throw new IllegalArgumentException("xds-lb.demo." + name + ": " + value + " (expected: 1 or more)");
        }
    }
}
