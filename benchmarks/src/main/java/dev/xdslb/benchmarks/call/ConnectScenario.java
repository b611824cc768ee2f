/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.benchmarks.call;

import dev.xdslb.simulation.scenario.Row;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** What a gRPC channel to a large service costs a client, which uses all of its endpoints or a part. */
public final class ConnectScenario {
    public static final String NAME = "connect-1000";

    private static final int ENDPOINTS = 1_000;
    private static final List<String> METRICS =
            List.of("connections", "first-answer", "all-connected", "cpu", "heap", "resident");
    private static final List<String> UNITS = List.of("connections", "ms", "ms", "ms", "KiB", "KiB");

    private ConnectScenario() {}

    /** Returns the values of a client for each of these settings. */
    public static List<Row> run(List<Setting> settings) throws IOException {
        List<Row> rows = new ArrayList<>();
        Process server = java(ManyAddresses.class, Integer.toString(ENDPOINTS));
        try {
            String port = firstLine(server);
            for (Setting setting : settings) {
                Process client = java(
                        ConnectingClient.class,
                        setting.value,
                        Integer.toString(ENDPOINTS),
                        port,
                        Integer.toString(setting.connections));
                String[] values = firstLine(client).split(" ", -1);
                for (int i = 0; i < values.length; i++) {
                    rows.add(new Row(
                            NAME, setting.label(), METRICS.get(i), UNITS.get(i), Double.parseDouble(values[i])));
                }
            }
        } finally {
            server.destroy();
        }
        return rows;
    }

    private static Process java(Class<?> program, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx1g",
                "-cp",
                System.getProperty("java.class.path"),
                program.getName()));
        command.addAll(List.of(arguments));
        return new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    private static String firstLine(Process process) throws IOException {
        String line = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.US_ASCII))
                .readLine();
        if (line == null) {
            throw new IllegalStateException("a process has ended before it said anything; see what it has printed");
        }
        return line;
    }

    /** How many endpoints the client uses. */
    public enum Setting {
        ALL("xds-lb-all", "off", ENDPOINTS),
        HUNDRED_TWENTY_EIGHT("xds-lb-128", "128", 128),
        TWENTY("xds-lb-20", "20", 20);

        private final String label;
        private final String value;
        private final int connections;

        Setting(String label, String value, int connections) {
            this.label = label;
            this.value = value;
            this.connections = connections;
        }

        /** Returns the name of the system. */
        public String label() {
            return label;
        }

        /** Returns those whose name begins so. */
        public static List<Setting> named(String prefix) {
            List<Setting> found = Arrays.stream(values())
                    .filter(setting -> setting.label.startsWith(prefix))
                    .toList();
            if (found.isEmpty()) {
                throw new IllegalArgumentException("--system: " + prefix + " (expected: the beginning of one of "
                        + Arrays.stream(values()).map(Setting::label).toList() + ")");
            }
            return found;
        }
    }
}
