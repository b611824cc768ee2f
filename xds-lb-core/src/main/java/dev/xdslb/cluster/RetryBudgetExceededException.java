/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.cluster;

import org.apiguardian.api.API;

/** A retry was not sent, because a service has had as many as its {@link RetryBudget} allows. The message says how many these are. */
@API(status = API.Status.EXPERIMENTAL)
public final class RetryBudgetExceededException extends RuntimeException {
    private static final long serialVersionUID = 1;

    RetryBudgetExceededException(String resource, RetryBudgetSettings settings) {
        super("the retry budget of " + resource + " is used up: the last "
                + settings.window().toSeconds()
                + " s had retries for " + Math.round(settings.share() * 100) + "% of their requests and "
                + settings.minPerSecond()
                + " per second more (retry-budget.share, retry-budget.min-per-second); send fewer"
                + " retries, or raise the budget");
    }

    /** One comes with each refused retry of a service that fails: where it was made says nothing. */
    @Override
    public synchronized Throwable fillInStackTrace() {
        return this;
    }
}
