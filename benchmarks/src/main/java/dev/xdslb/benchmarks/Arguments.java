/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.benchmarks;

import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What a program is told on the command line.
 *
 * @param scenario the beginning of the names of the scenarios to run; empty for all
 * @param system the beginning of the names of the systems to measure; empty for all
 * @param json where to write the values
 * @param seed the first seed of each simulation; empty for that of the published figures
 */
record Arguments(String scenario, String system, Optional<Path> json, OptionalLong seed) {

    static Arguments parse(String[] args) {
        String scenario = "";
        String system = "";
        Optional<Path> json = Optional.empty();
        OptionalLong seed = OptionalLong.empty();
        for (int i = 0; i < args.length; i += 2) {
            if (i + 1 == args.length) {
                throw new IllegalArgumentException(args[i] + ": no value (expected: one after it)");
            }
            String value = args[i + 1];
            switch (args[i]) {
                case "--scenario" -> scenario = value;
                case "--system" -> system = value;
                case "--json" -> json = Optional.of(Path.of(value));
                case "--seed" -> seed = OptionalLong.of(seed(value));
                default ->
                    throw new IllegalArgumentException(
                            args[i] + ": unknown (expected: --scenario, --system, --json or --seed)");
            }
        }
        return new Arguments(scenario, system, json, seed);
    }

    private static long seed(String value) {
        try {
            return Long.parseLong(value);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(
                    "--seed: \"" + value + "\" (expected: a whole number of 64 bits, such as 1001)", e);
        }
    }
}
