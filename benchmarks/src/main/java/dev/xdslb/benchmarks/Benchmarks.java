/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.benchmarks;

import dev.xdslb.benchmarks.pick.MeasuredSystem;
import java.io.IOException;
import java.util.Arrays;

/** Runs the program that the first argument names. */
public final class Benchmarks {
    private static final String USAGE = """
            usage: java -jar benchmarks.jar simulate|pick|choose|call|connect|fan-out [--scenario NAME]
                                           [--system NAME] [--json FILE] [--seed N]

              simulate    runs ours and the peers in the simulator's scenarios, in virtual time
              pick        measures what one request costs inside ours and inside the peers' balancers
              choose      measures only what Spring Cloud's choose() costs with ours and with its own
              call        measures whole calls of RestClient, WebClient and gRPC to servers that do nothing
              connect     measures what a gRPC channel to 1,000 endpoints costs that uses all or a part of them
              fan-out     measures what control planes need to tell thousands of streams of changes

              --scenario  a scenario's name, or the beginning of several ones' names; without it, a choice
              --system    a system's name, or the beginning of several ones' names; without it, ours and all peers
              --json      writes each value as a line of JSON as well
              --seed      simulate only: the first seed; a scenario that takes n runs with the seeds N to N + n - 1 (1)

            fan-out only, with its defaults: --services 1000 --endpoints 50 (of each service) --streams 5000
            --subscriptions 10 (services of each stream) --rate 100 (changes/s) --seconds 20 (of a round) --tls false
            """;

    private Benchmarks() {}

    public static void main(String[] args) throws IOException {
        try {
            String[] options = Arrays.copyOfRange(args, Math.min(1, args.length), args.length);
            if (args.length > 0 && args[0].equals("fan-out")) {
                FanOut.start(options);
                return;
            }
            Arguments arguments = Arguments.parse(options);
            switch (args.length == 0 ? "" : args[0]) {
                case "simulate" -> Simulate.main(arguments);
                case "pick" -> Pick.main(arguments, MeasuredSystem.named(arguments.system()));
                case "choose" -> Pick.main(arguments, MeasuredSystem.choosing(arguments.system()));
                case "call" -> Call.main(arguments);
                case "connect" -> Connect.main(arguments);
                default ->
                    throw new IllegalArgumentException(
                            "program: none named (expected: simulate, pick, choose, call, connect or fan-out)");
            }
        } catch (IllegalArgumentException e) {
            System.err.println(e.getMessage());
            System.err.print(USAGE);
            System.exit(2);
        }
    }
}
