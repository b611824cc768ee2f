/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.benchmarks;

import dev.xdslb.benchmarks.peer.LibraryPeers;
import dev.xdslb.simulation.SimulatedSystem;
import dev.xdslb.simulation.scenario.Report;
import dev.xdslb.simulation.scenario.Scenario;
import dev.xdslb.simulation.scenario.Scenarios;
import dev.xdslb.strategy.P2cEwma;
import dev.xdslb.strategy.P2cLeastRequest;
import java.io.IOException;
import java.io.Writer;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;

/** Puts ours and the peers into the simulator's scenarios. */
final class Simulate {
    private Simulate() {}

    /** Returns the strategies of xds-lb that are simulated. */
    static List<SimulatedSystem> ours() {
        return List.of(
                SimulatedSystem.ofStrategy("xds-lb-p2c-ewma", client -> new P2cEwma(client.random())),
                SimulatedSystem.ofStrategy("xds-lb-p2c-least-request", client -> new P2cLeastRequest(client.random())));
    }

    static void main(Arguments arguments) throws IOException {
        List<Scenario> chosen = Scenarios.all().stream()
                .filter(scenario -> arguments.scenario().isEmpty()
                        ? scenario.isRepresentative()
                        : scenario.name().startsWith(arguments.scenario()))
                .toList();
        if (chosen.isEmpty()) {
            throw new IllegalArgumentException("scenario: \"" + arguments.scenario() + "\" (expected: one of "
                    + Scenarios.all().stream().map(Scenario::name).toList() + ")");
        }
        try (Writer json = arguments.json().isPresent()
                ? Files.newBufferedWriter(arguments.json().get())
                : Writer.nullWriter()) {
            Report report = new Report(System.out, json);
            for (Scenario scenario : chosen) {
                List<SimulatedSystem> systems = new ArrayList<>(ours());
                systems.addAll(scenario.peers());
                systems.addAll(LibraryPeers.all());
                systems.removeIf(system -> !system.name().startsWith(arguments.system()));
                report.run(scenario, systems, arguments.seed().orElse(Scenario.FIRST_SEED));
            }
        }
    }
}
