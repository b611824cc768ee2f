/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.sample.demo;

import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Draws what spectators see as lines of text. Made for the smallest usual terminal, 80 columns by 24 lines: ten pods and
 * three more fit in.
 */
final class TerminalTable {
    static final int WIDTH = 79;

    private static final int POD = 22; // columns for its name, zone and state
    private static final int CLIENT = 14; // columns for its rate, bar and time
    private static final int RATE = 4;
    private static final int BAR = 4;
    private static final int TIME_COLUMNS = 4;
    private static final int EVENTS = 3;
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("HH:mm:ss", Locale.ROOT);

    private final boolean colours;
    private final boolean blocks;
    private final ZoneId zone;

    /**
     * Makes a drawer.
     *
     * @param colours whether the terminal obeys ANSI sequences
     * @param blocks whether it can show block characters
     */
    TerminalTable(boolean colours, boolean blocks, ZoneId zone) {
        this.colours = colours;
        this.blocks = blocks;
        this.zone = zone;
    }

    List<String> lines(DemoState state) {
        List<String> lines = new ArrayList<>();
        lines.add(paint(Colour.BOLD, state.title()) + "  "
                + fit(state.said(), WIDTH - state.title().length() - 2));
        lines.add("");
        StringBuilder titles = new StringBuilder(" ".repeat(POD));
        StringBuilder columns = new StringBuilder(String.format("%-11s%-2s%-9s", "pod", "z", "state"));
        for (DemoState.Client client : state.clients()) {
            titles.append(paint(Colour.BOLD, pad(" " + client.title(), CLIENT)));
            columns.append(pad("req/s", CLIENT - TIME_COLUMNS - 1))
                    .append(right("p99", TIME_COLUMNS))
                    .append(' ');
        }
        lines.add(titles.toString().stripTrailing());
        lines.add(paint(Colour.DIM, columns.toString().stripTrailing()));
        double scale = scale(state);
        state.pods().forEach(pod -> lines.add(line(pod, state, scale)));
        lines.add(paint(Colour.DIM, (blocks ? "─" : "-").repeat(WIDTH)));

        lines.add(totals("failed/s", state, client -> number(client.failed()), Colour.RED));
        lines.add(totals(
                "p50 / p99 in ms", state, client -> millis(client.p50()) + " / " + millis(client.p99()), Colour.PLAIN));
        lines.add(totals("busiest pod / mean", state, client -> ratio(client.maxOverMean()), Colour.PLAIN));
        state.events().stream()
                .limit(EVENTS)
                .forEach(event -> lines.add(paint(
                        Colour.DIM, TIME.format(event.at().atZone(zone)) + "  " + fit(event.text(), WIDTH - 10))));
        return lines;
    }

    private String line(DemoState.Pod pod, DemoState state, double scale) {
        StringBuilder line = new StringBuilder(String.format("%-11s%-2s", pod.name(), pod.zone()));
        line.append(paint(pod.well() ? Colour.GREEN : Colour.RED, pad(pod.state(), 9)));
        for (int client = 0; client < pod.traffic().size(); client++) {
            DemoState.Traffic traffic = pod.traffic().get(client);
            Colour colour = traffic.failed() > 0 ? Colour.RED : pod.well() ? Colour.GREEN : Colour.YELLOW;
            line.append(right(number(traffic.rate()), RATE))
                    .append(' ')
                    .append(paint(colour, pad(bar(share(state, pod, client) / scale), BAR)))
                    .append(right(millis(traffic.p99()), TIME_COLUMNS))
                    .append(' ');
        }
        return line.toString().stripTrailing();
    }

    private String totals(String title, DemoState state, Function<DemoState.Client, String> figure, Colour unlessZero) {
        StringBuilder line = new StringBuilder(paint(Colour.DIM, pad(title, POD)));
        for (DemoState.Client client : state.clients()) {
            String text = figure.apply(client);
            line.append(' ').append(paint(text.equals("0") ? Colour.PLAIN : unlessZero, pad(text, CLIENT - 1)));
        }
        return line.toString().stripTrailing();
    }

    /** Returns the share of its client's requests that a full bar stands for: the same for all, so that they can be compared. */
    private static double scale(DemoState state) {
        double most = 0;
        for (DemoState.Pod pod : state.pods()) {
            for (int client = 0; client < pod.traffic().size(); client++) {
                most = Math.max(most, share(state, pod, client));
            }
        }
        return most > 0 ? most : 1;
    }

    private static double share(DemoState state, DemoState.Pod pod, int client) {
        double all = state.clients().get(client).rate();
        return all > 0 ? pod.traffic().get(client).rate() / all : 0;
    }

    private String bar(double share) {
        int eighths = (int) Math.round(Math.min(share, 1) * BAR * 8);
        if (!blocks) {
            return "#".repeat((eighths + 4) / 8);
        }
        String rest = eighths % 8 == 0 ? "" : String.valueOf("▏▎▍▌▋▊▉".charAt(eighths % 8 - 1));
        return "█".repeat(eighths / 8) + rest;
    }

    private String paint(Colour colour, String text) {
        return colours && colour != Colour.PLAIN ? colour.sequence + text + "\u001b[0m" : text;
    }

    private static String number(double value) {
        return value == 0 ? "0" : String.format(Locale.ROOT, value < 10 ? "%.1f" : "%.0f", value);
    }

    private static String millis(@Nullable Double value) {
        return value == null ? "-" : String.format(Locale.ROOT, value < 10 ? "%.1f" : "%.0f", value);
    }

    private static String ratio(@Nullable Double value) {
        return value == null ? "-" : String.format(Locale.ROOT, "%.2f", value);
    }

    private static String pad(String text, int width) {
        return text.length() >= width ? text : text + " ".repeat(width - text.length());
    }

    private static String right(String text, int width) {
        return text.length() >= width ? text : " ".repeat(width - text.length()) + text;
    }

    private static String fit(String text, int width) {
        return text.length() <= width ? text : text.substring(0, width - 3) + "...";
    }

    private enum Colour {
        PLAIN(""),
        BOLD("\u001b[1m"),
        DIM("\u001b[2m"),
        RED("\u001b[31m"),
        GREEN("\u001b[32m"),
        YELLOW("\u001b[33m");

        private final String sequence;

        Colour(String sequence) {
            this.sequence = sequence;
        }
    }
}
