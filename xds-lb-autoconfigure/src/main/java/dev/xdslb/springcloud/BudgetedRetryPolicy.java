/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.springcloud;

import dev.xdslb.cluster.RetryBudget;
import java.time.Duration;
import org.springframework.core.retry.RetryPolicy;
import org.springframework.util.backoff.BackOff;
import org.springframework.util.backoff.BackOffExecution;

/**
 * Retries where another policy does, as long as a service's budget has room. That is asked where the next interval is, because there a
 * template learns that its retries are used up: one that the policy would not make in the end is not to be counted.
 */
final class BudgetedRetryPolicy implements RetryPolicy {
    private final RetryPolicy policy;
    private final RetryBudget budget;

    BudgetedRetryPolicy(RetryPolicy policy, RetryBudget budget) {
        this.policy = policy;
        this.budget = budget;
    }

    @Override
    public boolean shouldRetry(Throwable failure) {
        return policy.shouldRetry(failure);
    }

    @Override
    public Duration getTimeout() {
        return policy.getTimeout();
    }

    @Override
    public BackOff getBackOff() {
        BackOff backOff = policy.getBackOff();
        return () -> {
            BackOffExecution execution = backOff.start();
            return () -> {
                long interval = execution.nextBackOff();
                return interval == BackOffExecution.STOP || budget.tryRetry() ? interval : BackOffExecution.STOP;
            };
        };
    }

    @Override
    public String toString() {
        return policy + " within the retry budget";
    }
}
