/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.benchmarks;

import java.io.IOException;
import java.util.Arrays;

/** Runs the program that the first argument names. */
public final class Benchmarks {
    private static final String USAGE = """
            usage: java -jar benchmarks.jar simulate [--scenario NAME] [--system NAME] [--json FILE]

              --scenario  a scenario's name, or the beginning of several ones' names; without it, all of them
              --system    a system's name, or the beginning of several ones' names; without it, ours and all peers
              --json      writes each value as a line of JSON as well
            """;

    private Benchmarks() {}

    public static void main(String[] args) throws IOException {
        if (args.length == 0 || !args[0].equals("simulate")) {
            System.err.print(USAGE);
            System.exit(2);
        }
        try {
            Simulate.main(Arguments.parse(Arrays.copyOfRange(args, 1, args.length)));
        } catch (IllegalArgumentException e) {
            System.err.println(e.getMessage());
            System.err.print(USAGE);
            System.exit(2);
        }
    }
}
