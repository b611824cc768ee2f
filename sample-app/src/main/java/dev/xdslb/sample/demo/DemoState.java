/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.sample.demo;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a spectator sees at one moment, on the terminal as well as on the page. Rates are per second; times are in ms, null
 * where there is none.
 *
 * @param scenario the id of what is played
 * @param said what was done to bring it about
 * @param scripted whether the script did it
 * @param seconds how many seconds the figures cover
 * @param secondsOneByOne the same for the client that calls five times a second
 * @param clients who is compared
 * @param pods whom they call, each with one {@link Traffic} per client
 * @param events what happened, the newest first
 */
record DemoState(
        String scenario,
        String title,
        String said,
        boolean scripted,
        int seconds,
        int secondsOneByOne,
        List<Client> clients,
        List<Pod> pods,
        List<Director.Event> events,
        Instant at) {

    /** One client. */
    record Client(
            String id,
            String title,
            double rate,
            double failed,
            @Nullable Double p50,
            @Nullable Double p99,
            @Nullable Double maxOverMean) {}

    /**
     * One pod.
     *
     * @param state in a word or two
     * @param well whether it does what it should
     */
    record Pod(String name, String zone, String state, boolean well, List<Traffic> traffic) {}

    /** What one client sends to one pod. */
    record Traffic(
            double rate,
            double failed,
            @Nullable Double p50,
            @Nullable Double p99) {}
}
