/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.benchmarks.fanout;

import dev.xdslb.benchmarks.fanout.FanOutSystem.Server;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The process of the server that is measured, and what it is asked. Used by one thread. */
final class ServerProcess implements AutoCloseable {
    private static final int END_SECONDS = 20;

    private final Process process;
    private final BufferedReader answers;
    private final Writer commands;
    private final int port;

    private ServerProcess(Process process) throws IOException {
        this.process = process;
        this.answers = process.inputReader(StandardCharsets.US_ASCII);
        this.commands = process.outputWriter(StandardCharsets.US_ASCII);
        this.port = Integer.parseInt(answer());
    }

    /** The CPU time of a process, and of it that of the JVM's compiler, in ns. */
    record Cpu(long process, long compiler) {
        Cpu since(Cpu before) {
            return new Cpu(process - before.process, compiler - before.compiler);
        }
    }

    /** What of a process' memory its data takes, in bytes. */
    record Memory(long heap, long direct) {
        long all() {
            return heap + direct;
        }
    }

    /**
     * Starts a server, and returns when it listens.
     *
     * @param port 0 for any free one
     * @param restarted whether changes were made before it started
     */
    static ServerProcess start(FanOutSystem system, FanOutSizes sizes, int port, boolean restarted) {
        List<String> command = new ArrayList<>();
        if (system.server() == Server.GO_CONTROL_PLANE) {
            command.add(GoControlPlane.program().toString());
        } else {
            command.addAll(List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-Xmx3g",
                    "-Dio.netty.transport.noNative=true", // as in the control plane's jar
                    "-cp",
                    System.getProperty("java.class.path")));
            command.addAll(List.of(System.getProperty("xdslb.fan-out.jvm", "").split(" ", -1)));
            command.removeIf(String::isEmpty);
            command.add(MeasuredServer.class.getName());
        }
        command.addAll(List.of(
                system.server().name(),
                Integer.toString(sizes.services()),
                Integer.toString(sizes.endpoints()),
                Integer.toString(sizes.streams()),
                Integer.toString(sizes.subscriptions()),
                Integer.toString(port),
                Boolean.toString(sizes.tls()),
                Boolean.toString(restarted),
                Integer.toString(sizes.bystanders())));
        try {
            return new ServerProcess(new ProcessBuilder(command)
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    int port() {
        return port;
    }

    /** Begins to apply changes; {@link #applied} waits for the end. */
    void change(int first, int count, long startEpochNanos, long intervalNanos) {
        say("changes " + first + ' ' + count + ' ' + startEpochNanos + ' ' + intervalNanos);
    }

    /** Returns how many changes it has applied. */
    int applied() {
        return Integer.parseInt(answer());
    }

    Cpu cpu() {
        say("cpu");
        String[] words = answer().split(" ", -1);
        return new Cpu(Long.parseLong(words[0]), Long.parseLong(words[1]));
    }

    /** Returns how many bytes its threads have allocated. */
    long allocated() {
        say("allocated");
        return Long.parseLong(answer());
    }

    Memory memory() {
        say("memory");
        String[] words = answer().split(" ", -1);
        return new Memory(Long.parseLong(words[0]), Long.parseLong(words[1]));
    }

    /** Ends the process at once, as a pod whose node dies. */
    void kill() {
        process.destroyForcibly();
        awaitEnd();
    }

    /** Ends the process by ending its input. */
    @Override
    public void close() {
        try {
            commands.close();
        } catch (IOException e) {
            process.destroyForcibly(); // it has ended already, or does not read
        }
        awaitEnd();
    }

    private void awaitEnd() {
        try {
            if (!process.waitFor(END_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new IllegalStateException("the server does not end");
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }

    private void say(String command) {
        try {
            commands.append(command).append('\n').flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private String answer() {
        try {
            String line;
            do { // a JVM may print something of its own
                line = answers.readLine();
                if (line == null) {
                    throw new IllegalStateException("the server has ended; see what it has printed");
                }
            } while (!line.startsWith(MeasuredServer.ANSWER));
            return line.substring(MeasuredServer.ANSWER.length());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
