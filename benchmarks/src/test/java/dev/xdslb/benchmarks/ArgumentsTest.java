/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ArgumentsTest {

    @Test
    void nothingSaid_isEverythingWithTheSeedsOfThePublishedFigures() {
        Arguments arguments = parse();

        assertThat(arguments.scenario()).isEmpty();
        assertThat(arguments.system()).isEmpty();
        assertThat(arguments.json()).isEmpty();
        assertThat(arguments.seed()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 0, -7, 1001, Long.MAX_VALUE, Long.MIN_VALUE})
    void seed_isAnyWholeNumberOf64Bits(long seed) {
        assertThat(parse("--scenario", "slow-pod", "--seed", String.valueOf(seed))
                        .seed())
                .hasValue(seed);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " 1", "1.5", "1e3", "0x10", "seven", "9223372036854775808", "--json"})
    void otherSeed_isRefusedWithWhatWasExpected(String seed) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> parse("--seed", seed))
                .withMessage("--seed: \"" + seed + "\" (expected: a whole number of 64 bits, such as 1001)");
    }

    @Test
    void seedWithoutValue_isRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> parse("--json", "rows.jsonl", "--seed"))
                .withMessage("--seed: no value (expected: one after it)");
    }

    @Test
    void unknownOption_isRefusedWithThoseThatExist() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> parse("--seeds", "5"))
                .withMessage("--seeds: unknown (expected: --scenario, --system, --json or --seed)");
    }

    @Test
    void seedWhereTimeIsMeasured_isRefusedBeforeAnythingRuns() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Pick.main(parse("--seed", "5"), List.of()))
                .withMessage("--seed: 5 (expected: with simulate only; here time is measured)");
    }

    private static Arguments parse(String... args) {
        return Arguments.parse(args);
    }
}
