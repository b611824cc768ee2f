/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.strategy;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class Hash64Test {
    /** Computed from the specification with another program, which agrees with the published values for ASCII texts. */
    @ParameterizedTest
    @CsvSource({
        "'',                                            ef46db3751d8e999",
        "a,                                             e513e02c99167f96",
        "user-7,                                        b7a12c06f80433c8",
        "10.0.0.1:8080,                                 2d96b13ae1de85ca",
        "0123456789abcdef,                              65915d1b2958d2ef",
        "the quick brown fox jumps over the lazy dog,   cac89cd65e59b3c1",
        "é€😀,                                          8507cc9385fc3d06"
    })
    void hash_isThatOfTheSpecification(String text, String hash) {
        assertThat(Hash64.of(text)).isEqualTo(Long.parseUnsignedLong(hash, 16));
    }

    @Test
    void similarKeys_areSpreadEvenly() {
        int[] counts = new int[64];
        for (int i = 0; i < 64_000; i++) {
            counts[(int) (Hash64.of("user-" + i) >>> 58)]++;
        }
        for (int count : counts) {
            assertThat(count).isBetween(850, 1150); // 5 standard deviations of a binomial distribution
        }
    }
}
