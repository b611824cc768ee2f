/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.e2e;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;

/** A program of the system in a process of its own, with its output in {@code target/logs}. */
final class Program implements AutoCloseable {

    /** Several of them start at the same time on two cores, which others may be busy on, too. */
    private static final Duration START_LIMIT = Duration.ofMinutes(5);

    /** Small and quick to start, at the cost of peak speed, which no test asks for. */
    private static final List<String> SMALL_JVM =
            List.of("-Xmx96m", "-Xss512k", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1");

    private final String name;
    private final Process process;
    private final Path log;

    private Program(String name, Process process, Path log) {
        this.name = name;
        this.process = process;
        this.log = log;
    }

    /** Returns the command that runs an executable jar in a JVM of this test's version. */
    static List<String> javaJar(Path jar, String... arguments) {
        return java(List.of("-Xmx256m", "-XX:+UseSerialGC", "-jar", jar.toString()), arguments);
    }

    /** Returns the command that runs a JVM of this test's version, which has room for thousands of connections. */
    static List<String> java(String... arguments) {
        return java(List.of("-Xmx384m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"), arguments);
    }

    /** Returns the command that runs a small JVM of this test's version. */
    static List<String> smallJava(String... arguments) {
        return java(SMALL_JVM, arguments);
    }

    private static List<String> java(List<String> options, String... arguments) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(options);
        command.addAll(List.of(arguments));
        return command;
    }

    static Program start(String name, ProcessBuilder builder) {
        Path log = KubeScript.LOGS.resolve(name + ".log");
        try {
            Files.createDirectories(log.getParent());
            Process process = builder.redirectErrorStream(true)
                    .redirectInput(new File("/dev/null"))
                    .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
                    .start();
            return new Program(name, process, log);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Waits until a GET of the address is answered with 200; fails at once when the program has ended. */
    Program awaitUp(URI address) {
        Awaitility.await(name + " up")
                .atMost(START_LIMIT)
                .pollInterval(Duration.ofMillis(100))
                .failFast(name + " has ended, see " + log, () -> !process.isAlive())
                .until(() -> answersOk(address));
        return this;
    }

    /** Returns the file that its output goes to. */
    Path log() {
        return log;
    }

    /** SIGTERM: asks the program to end in order. */
    void terminate() {
        process.destroy();
    }

    /** SIGKILL: ends the program as a crash would. Returns when it has ended. */
    void kill() {
        process.destroyForcibly();
        if (!awaitEnd(Duration.ofSeconds(10))) {
            throw new IllegalStateException(name + " (pid " + process.pid() + ") survived SIGKILL");
        }
    }

    /** Returns whether the program ended within the time. */
    boolean awaitEnd(Duration limit) {
        try {
            return process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    boolean isAlive() {
        return process.isAlive();
    }

    @Override
    public void close() {
        kill();
    }

    private static boolean answersOk(URI address) {
        try {
            return Http.get(address).statusCode() == 200;
        } catch (IOException notYet) {
            return false;
        }
    }
}
