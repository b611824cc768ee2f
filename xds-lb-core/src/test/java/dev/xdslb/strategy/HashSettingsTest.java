/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.strategy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HashSettingsTest {
    private final HashSettings settings = HashSettings.of(RequestKey.parse("path"));

    @Test
    void boundsAreInRange() {
        assertThat(settings.withBalanceFactor(0).withBalanceFactor(100).balanceFactor())
                .isEqualTo(100);
        assertThat(settings.withRingSize(1024).withRingSize(8_388_608).ringSize())
                .isEqualTo(8_388_608);
        assertThat(settings.withTableSize(1009).withTableSize(5_000_011).tableSize())
                .isEqualTo(5_000_011);
    }

    @ParameterizedTest
    @ValueSource(doubles = {1, 0.5, -1, 100.1, Double.NaN, Double.POSITIVE_INFINITY})
    void balanceFactorOutOfRange_isRefused(double factor) {
        assertThatThrownBy(() -> settings.withBalanceFactor(factor))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("balanceFactor: " + factor + " (expected: 0, or above 1 and at most 100)");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, -1, 1023, 8_388_609})
    void ringSizeOutOfRange_isRefused(int size) {
        assertThatThrownBy(() -> settings.withRingSize(size))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("ringSize: " + size + " (expected: 1024 to 8388608)");
    }

    @ParameterizedTest
    @ValueSource(ints = {-7, 0, 997, 65_536, 5_000_077})
    void tableSizeThatIsNoPrimeInRange_isRefused(int size) {
        assertThatThrownBy(() -> settings.withTableSize(size))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("tableSize: " + size + " (expected: a prime number from 1009 to 5000011)");
    }
}
