/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.springcloud;

import org.springframework.cloud.client.ServiceInstance;
import org.springframework.cloud.client.loadbalancer.LoadBalancedRetryContext;
import org.springframework.retry.RetryContext;
import org.springframework.retry.support.RetrySynchronizationManager;
import org.springframework.util.ClassUtils;

/** The attempts that Spring Retry makes on this thread for Spring Cloud's blocking clients, where it is on the class path. */
final class SpringRetry {
    private static final boolean IS_PRESENT = ClassUtils.isPresent(
            "org.springframework.retry.support.RetrySynchronizationManager", SpringRetry.class.getClassLoader());

    private SpringRetry() {}

    /**
     * Makes the attempt that is being made the last one. An attempt without an instance makes Spring Cloud forget where the one before it went:
     * the next one would be taken for a new request, which no budget holds.
     *
     * @param previous where the attempt before went, by which the right attempts are known
     */
    static void end(ServiceInstance previous) {
        if (IS_PRESENT) {
            Present.end(previous);
        }
    }

    /** Loaded only where Spring Retry is. */
    private static final class Present {
        static void end(ServiceInstance previous) {
            RetryContext attempts = RetrySynchronizationManager.getContext();
            if (attempts instanceof LoadBalancedRetryContext balanced
                    && balanced.getPreviousServiceInstance() == previous) {
                balanced.setExhaustedOnly();
            }
        }
    }
}
