/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.sample.demo;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import org.springframework.boot.context.properties.bind.BindException;
import org.springframework.core.NestedExceptionUtils;

/**
 * Starts the demo. {@code --xds-lb.demo.report=FILE} and {@code --xds-lb.demo.duration=30s} let it measure and end by
 * itself; all settings: {@link DemoSettings}.
 */
public final class DemoApplication {
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("HH:mm:ss", Locale.ROOT);

    private DemoApplication() {}

    public static void main(String[] arguments) throws Exception {
        Terminal terminal = Terminal.detect();
        DemoSettings settings;
        try {
            settings = DemoSettings.from(arguments);
        } catch (BindException | IllegalArgumentException e) {
            terminal.out().println(NestedExceptionUtils.getMostSpecificCause(e).getMessage());
            terminal.out().flush();
            System.exit(2);
            return;
        }
        logInto(Path.of(System.getProperty("java.io.tmpdir"), "xds-lb-demo.log"));
        if (settings.unattended()) {
            measure(settings, terminal.out());
        } else {
            entertain(settings, terminal);
        }
        System.exit(0); // whatever thread somebody left behind
    }

    /** Measures without spectators. */
    static void measure(DemoSettings settings, PrintStream out) throws IOException, InterruptedException {
        out.printf(
                "Measuring for %d s, after some seconds to start and to warm up: %d requests/s by each client but one, which makes %d/s.%n",
                Math.max(1, settings.measuredDuration().toSeconds()),
                settings.rate(),
                Duration.ofSeconds(1).dividedBy(OneByOne.INTERVAL));
        List<ScenarioResult> results;
        try (Demo demo = new Demo(settings, printer(out))) {
            results = demo.director().measure(settings.measuredDuration());
        }
        out.println();
        ResultTable.lines(results).forEach(out::println);
        Path report = settings.report();
        if (report != null) {
            JsonReport.write(report, results);
            out.println();
            out.println("Written to " + report.toAbsolutePath());
        }
        out.flush();
    }

    private static void entertain(DemoSettings settings, Terminal terminal) throws IOException, InterruptedException {
        PrintStream out = terminal.out();
        out.println(
                "Starting: a control plane, ten pods in two zones, the sample, a client that pins connections, and an Envoy where one is at hand.");
        out.flush();
        Demo demo = new Demo(settings, terminal.isInteractive() ? event -> {} : printer(out));

        String header = header(settings.port(), demo.port());
        out.println(header);
        out.flush();
        TerminalTable table =
                new TerminalTable(terminal.isInteractive(), terminal.showsBlocks(), ZoneId.systemDefault());
        TerminalView view = new TerminalView(terminal, table, header, demo.observer()::state);
        Runtime.getRuntime()
                .addShutdownHook(new Thread(
                        () -> {
                            view.close();
                            demo.close();
                        },
                        "demo-end"));
        view.start();
        demo.director().entertain();
    }

    /** Says where the page is, and why it is not where it was wanted. */
    static String header(int wantedPort, int port) {
        String why = port == wantedPort || wantedPort == 0 ? "" : " (port " + wantedPort + " is taken)";
        return "xds-lb demo   http://localhost:" + port + "/" + why + "   Ctrl-C ends";
    }

    private static Consumer<Director.Event> printer(PrintStream out) {
        return event -> {
            out.println(TIME.format(event.at().atZone(ZoneId.systemDefault())) + "  " + event.text());
            out.flush();
        };
    }

    /** Keeps log lines away from the terminal, which is drawn on. Both applications of this process obey. */
    private static void logInto(Path file) {
        System.setProperty("logging.file.name", file.toString());
        System.setProperty("logging.threshold.console", "OFF");
        System.setProperty("spring.main.banner-mode", "off");
    }
}
