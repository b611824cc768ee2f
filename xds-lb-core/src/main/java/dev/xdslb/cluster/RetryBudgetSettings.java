/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.cluster;

import dev.xdslb.endpoint.OutOfRangeException;
import java.time.Duration;
import org.apiguardian.api.API;

/**
 * How many retries one process may send to a service, so that they do not multiply the load of a service that fails: within
 * the window, {@code share} of the requests in it and {@code minPerSecond} for each of its seconds.
 *
 * @param enabled whether retries are limited; where not, they are only counted
 * @param share the retries for each request, 0 to 1
 * @param minPerSecond the retries per second that are allowed besides, 0 to {@value #MOST_PER_SECOND}: without them a service
 *     of few requests has none. Those of a whole window may be sent at once
 * @param window how far it looks back, from a second to ten minutes
 */
@API(status = API.Status.EXPERIMENTAL)
public record RetryBudgetSettings(boolean enabled, double share, int minPerSecond, Duration window) {
    private static final int MOST_PER_SECOND = 1_000_000;
    private static final Duration SHORTEST = Duration.ofSeconds(1); // the clusters' slow tick moves the window
    private static final Duration LONGEST = Duration.ofMinutes(10);

    /** Of Finagle's {@code RetryBudget} and Linkerd: a fifth of the requests and ten per second, over ten seconds. */
    public static final RetryBudgetSettings DEFAULT = new RetryBudgetSettings(true, 0.2, 10, Duration.ofSeconds(10));

    /** Retries are counted, and none is refused. */
    public static final RetryBudgetSettings UNLIMITED = new RetryBudgetSettings(false, 1, 0, Duration.ofSeconds(10));

    public RetryBudgetSettings {
        if (!(share >= 0 && share <= 1)) {
            throw new OutOfRangeException("share", share, "0 to 1, such as 0.2 for one retry to five requests");
        }
        if (minPerSecond < 0 || minPerSecond > MOST_PER_SECOND) {
            throw new OutOfRangeException("minPerSecond", minPerSecond, "0 to " + MOST_PER_SECOND);
        }
        if (window.compareTo(SHORTEST) < 0 || window.compareTo(LONGEST) > 0) {
            throw new OutOfRangeException("window", window, "a second to ten minutes");
        }
    }

    /** Returns how many retries a window may have. */
    double allowed(long requests) {
        return share * requests + minPerSecond * (window.toNanos() / 1e9);
    }
}
