/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.e2e;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A network of its own, with loopback alone: there the commands of a page run on the ports that they name. One at a time. */
final class Laptop implements AutoCloseable {

    private static final String NETWORK = "laptop";

    private final Path directory;

    /**
     * Makes it.
     *
     * @param directory where its commands run
     */
    Laptop(Path directory) {
        this.directory = directory;
        run("ip netns add " + NETWORK + " && ip -n " + NETWORK + " link set lo up", List.of("bash", "-ec"));
    }

    /** Starts what goes on until {@link #stop}. */
    Program start(String name, String commands) {
        return Program.start(name, new ProcessBuilder(inside(commands)).directory(directory.toFile()));
    }

    /** Returns what the commands print; what they print where they fail is the failure. */
    String run(String commands) {
        return run(commands, List.of("ip", "netns", "exec", NETWORK, "bash", "-ec"));
    }

    /** Ends all programs whose command line has this in it. */
    void stop(String part) {
        run(
                "ip netns pids " + NETWORK
                        + " | while read -r pid; do if tr '\\0' ' ' < /proc/$pid/cmdline | grep -qF -e '" + part
                        + "'; then kill -KILL $pid; fi; done",
                List.of("bash", "-c"));
    }

    private String run(String commands, List<String> shell) {
        try {
            List<String> command = new ArrayList<>(shell);
            command.add(commands);
            Process process = new ProcessBuilder(command)
                    .directory(directory.toFile())
                    .redirectErrorStream(true)
                    .start();
            process.getOutputStream().close();
            String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (process.waitFor() != 0) {
                throw new IllegalStateException(commands + " failed: " + said);
            }
            return said;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted in " + commands, e);
        }
    }

    private static String[] inside(String commands) {
        return new String[] {"ip", "netns", "exec", NETWORK, "bash", "-ec", commands};
    }

    @Override
    public void close() {
        run("ip netns pids " + NETWORK + " | xargs -r kill -KILL; ip netns del " + NETWORK, List.of("bash", "-c"));
    }
}
