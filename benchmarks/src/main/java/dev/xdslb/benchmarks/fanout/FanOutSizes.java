/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.benchmarks.fanout;

/**
 * How much of everything there is.
 *
 * @param services that change, and that streams subscribe to
 * @param bystanders further services, of which nobody wants to know and which never change
 * @param endpoints of each service
 * @param streams each on a connection of its own
 * @param subscriptions services that each stream subscribes to
 * @param rate changes per second
 * @param seconds how long a measured round lasts, 1 or more
 * @param tls whether the connections are encrypted
 */
public record FanOutSizes(
        int services,
        int bystanders,
        int endpoints,
        int streams,
        int subscriptions,
        int rate,
        int seconds,
        boolean tls) {

    /** The sizes of the budget. */
    public static final FanOutSizes DEFAULT = new FanOutSizes(1_000, 0, 50, 5_000, 10, 100, 20, false);

    public FanOutSizes {
        check("services", services, 1, 200_000);
        check("bystanders", bystanders, 0, 200_000);
        check("endpoints", endpoints, 1, 60_000);
        check("streams", streams, 1, 15_000);
        check("subscriptions", subscriptions, 1, services);
        check("rate", rate, 1, 100_000);
        check("seconds", seconds, 1, 600);
    }

    FanOutSizes withServices(int number, int endpointsOfEach) {
        int asked = Math.min(subscriptions, number);
        return new FanOutSizes(number, bystanders, endpointsOfEach, streams, asked, rate, seconds, tls);
    }

    FanOutSizes withStreams(int number) {
        return new FanOutSizes(services, bystanders, endpoints, number, subscriptions, rate, seconds, tls);
    }

    FanOutSizes withBystanders(int number) {
        return new FanOutSizes(services, number, endpoints, streams, subscriptions, rate, seconds, tls);
    }

    private static void check(String option, int value, int least, int most) {
        if (value < least || value > most) {
            throw new IllegalArgumentException(
                    "--" + option + ": " + value + " (expected: " + least + " to " + most + ")");
        }
    }
}
