/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.sample.demo;

import java.io.PrintStream;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * Shows the demo on the terminal. A real terminal is redrawn in place, on the second screen that full-screen programs use,
 * so that what was on it before comes back at the end; into anything else a table goes from time to time.
 */
final class TerminalView implements AutoCloseable {
    private static final long REDRAW_MILLIS = 500;
    private static final long REPRINT_MILLIS = 10_000;

    private static final String ENTER = "\u001b[?1049h\u001b[?25l\u001b[?7l"; // second screen, no cursor, no wrapping
    private static final String LEAVE = "\u001b[?7h\u001b[?25h\u001b[?1049l";
    private static final String LINE =
            "\u001b[%d;1H"; // a line that is too far down lands on the last one, nothing scrolls
    private static final String END_OF_LINE = "\u001b[K";
    private static final String END_OF_SCREEN = "\u001b[J";

    private final Terminal terminal;
    private final TerminalTable table;
    private final String header;
    private final Supplier<DemoState> states;
    private final Thread thread = new Thread(this::run, "terminal");
    private boolean closed; // guarded by this: nothing is drawn after the first screen is back

    TerminalView(Terminal terminal, TerminalTable table, String header, Supplier<DemoState> states) {
        this.terminal = terminal;
        this.table = table;
        this.header = header;
        this.states = states;
        thread.setDaemon(true);
    }

    void start() {
        if (terminal.isInteractive()) {
            print(ENTER);
        }
        thread.start();
    }

    @Override
    public synchronized void close() {
        if (!closed && terminal.isInteractive()) {
            print(LEAVE);
        }
        closed = true;
        thread.interrupt();
    }

    private void run() {
        try {
            while (true) {
                TimeUnit.MILLISECONDS.sleep(terminal.isInteractive() ? REDRAW_MILLIS : REPRINT_MILLIS);
                draw(table.lines(states.get()));
            }
        } catch (InterruptedException e) {
            // closed
        }
    }

    private synchronized void draw(List<String> lines) {
        if (closed) {
            return;
        }
        StringBuilder text = new StringBuilder();
        if (terminal.isInteractive()) {
            text.append(String.format(LINE, 1)).append(header).append(END_OF_LINE);
            int number = 2;
            for (String line : lines) {
                text.append(String.format(LINE, number++)).append(line).append(END_OF_LINE);
            }
            text.append(END_OF_SCREEN);
        } else {
            lines.forEach(line -> text.append(line).append(System.lineSeparator()));
            text.append(System.lineSeparator());
        }
        print(text.toString());
    }

    private void print(String text) {
        PrintStream out = terminal.out();
        out.print(text);
        out.flush();
    }
}
