/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.xdslb.endpoint.OutOfRangeException;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WeightFactorsTest {

    @ParameterizedTest
    @ValueSource(doubles = {Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY, 0, -0.0, -1})
    void factorThatIsNoWeight_isRefused_andNamed(double value) {
        assertThatThrownBy(() -> new WeightFactors(value, 1, 1, 1))
                .isInstanceOf(OutOfRangeException.class)
                .hasMessage("controlPlane: " + value + " (expected: > 0 and finite)");
        assertThatThrownBy(() -> new WeightFactors(1, value, 1, 1))
                .hasMessage("slowStart: " + value + " (expected: > 0 and <= 1)");
        assertThatThrownBy(() -> new WeightFactors(1, 1, value, 1)).hasMessageStartingWith("errorBias: ");
        assertThatThrownBy(() -> new WeightFactors(1, 1, 1, value)).hasMessageStartingWith("refusals: ");
    }

    @Test
    void productOfTheLeastShares_canBeDividedBy() {
        double weight = new WeightFactors(Double.MIN_VALUE, Double.MIN_VALUE, 1e-300, 1e-300).product();

        assertThat(weight).isPositive();
        assertThat(1 / weight).isFinite();
    }

    @Test
    void settingsWithExtremeValues_makeShares_orAreRefused() {
        double[] values = {0, Double.MIN_VALUE, 1e-4, 1, 1e9, Double.MAX_VALUE, Double.POSITIVE_INFINITY, Double.NaN, -1
        };
        for (double value : values) {
            for (double minShare : values) {
                shares(value, minShare);
            }
        }
    }

    private static void shares(double value, double minShare) {
        try {
            ErrorBiasSettings bias = new ErrorBiasSettings(value, minShare);
            for (double ratio : new double[] {1e-9, 0.5, Math.nextDown(1.0), 1}) {
                assertThat(bias.share(ratio, 1)).isGreaterThan(0).isLessThanOrEqualTo(1);
            }
        } catch (OutOfRangeException e) {
            assertThat(e).hasMessageContaining("expected: ");
        }
        try {
            SlowStartSettings start = new SlowStartSettings(Duration.ofDays(365), minShare, value);
            for (long nanos : new long[] {-1, 0, 1, Duration.ofDays(365).toNanos() - 1, Long.MAX_VALUE}) {
                assertThat(start.share(Duration.ofNanos(nanos)))
                        .isGreaterThan(0)
                        .isLessThanOrEqualTo(1);
            }
        } catch (OutOfRangeException e) {
            assertThat(e).hasMessageContaining("expected: ");
        }
    }

    @Test
    void timesThatNanosecondsCannotHold_areRefused() {
        Duration tooLong = Duration.ofDays(200_000);
        assertThatThrownBy(() -> PolicySettings.DEFAULT.withAvoidance(tooLong))
                .hasMessage("avoidance: " + tooLong + " (expected: <= 365 days)");
        assertThatThrownBy(() -> new SlowStartSettings(tooLong, 0.1, 1)).hasMessageStartingWith("window: ");
        assertThatThrownBy(() -> new EjectionSettings(5, 0.5, 10, Duration.ofSeconds(1), tooLong, 0.5))
                .hasMessageStartingWith("maxTime: ");
    }
}
