/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.ads;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class TokenBucketTest {
    private final AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 1_000); // it may overflow
    private final TokenBucket bucket = new TokenBucket(new TokenBucket.Rate(10, 3), nanos::get);

    @Test
    void burst_isTakenAtOnce_thenTokensComeAtTheRate() {
        assertThat(take(0)).isZero();
        assertThat(take(0)).isZero();
        assertThat(take(0)).isZero();
        assertThat(take(0)).isNegative();

        pass(99);
        assertThat(take(0)).isNegative();
        pass(1);
        assertThat(take(0)).isZero();
        assertThat(take(0)).isNegative();
    }

    @Test
    void whoWaits_takesInAdvance_andTheNextWaitsLonger() {
        bucket.take(3, 0);
        assertThat(take(1_000)).isEqualTo(100);
        assertThat(take(1_000)).isEqualTo(200);
        assertThat(take(250)).isNegative();
        pass(100);
        assertThat(take(250)).isEqualTo(200);
    }

    @Test
    void idleTime_savesNoMoreThanTheBurst() {
        pass(60_000);
        assertThat(bucket.take(3, 0)).isZero();
        assertThat(take(0)).isNegative();
    }

    @Test
    void moreThanTheBurst_canBeTakenByWhoWaits() {
        assertThat(TimeUnit.NANOSECONDS.toMillis(bucket.take(13, Long.MAX_VALUE)))
                .isEqualTo(1_000);
    }

    @Test
    void noLimit_isNoWait() {
        TokenBucket unlimited = new TokenBucket(TokenBucket.Rate.UNLIMITED, nanos::get);
        assertThat(unlimited.take(Integer.MAX_VALUE, 0)).isZero();
    }

    private long take(long maxWaitMillis) {
        long wait = bucket.take(1, TimeUnit.MILLISECONDS.toNanos(maxWaitMillis));
        return wait < 0 ? wait : TimeUnit.NANOSECONDS.toMillis(wait);
    }

    private void pass(long millis) {
        nanos.addAndGet(TimeUnit.MILLISECONDS.toNanos(millis));
    }
}
