/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.sample.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.xdslb.sample.demo.Director.Wish;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class DirectorTest {
    private final Fleet fleet = new Fleet(Clock.systemUTC(), Duration.ofMillis(1));
    private final Tables tables = new Tables();
    private final Measurements measurements =
            new Measurements(System::nanoTime, tables, EnumSet.allOf(ClientKind.class));
    private final List<String> said = new CopyOnWriteArrayList<>();
    private final Director director = new Director(
            new Troubles(fleet, () -> Map.of("orders-a1", 1, "orders-a2", 2), new Random(1)),
            fleet,
            tables,
            measurements,
            Duration.ofMillis(1),
            Clock.systemUTC(),
            event -> said.add(event.text()));
    private final List<Load> loads = new ArrayList<>();

    @BeforeEach
    void start() {
        for (int i = 0; i < Troubles.PODS; i++) {
            fleet.start(Fleet.ZONES.get(i % Fleet.ZONES.size()));
        }
        for (ClientKind kind : ClientKind.values()) {
            Load load = new Load(new StubClient(kind, fleet, tables), measurements, 200);
            loads.add(load);
            load.start();
        }
    }

    @AfterEach
    void stop() {
        loads.forEach(Load::close);
        fleet.close();
    }

    @Test
    void measuresEachScenarioAndLeavesTheServiceWell() throws Exception {
        List<ScenarioResult> results = director.measure(Duration.ofSeconds(9));

        assertThat(results).extracting(ScenarioResult::scenario).containsExactly(Scenario.values());
        assertThat(result(results, Scenario.HEALTHY).pods()).hasSize(10);
        assertThat(result(results, Scenario.POD_KILLED).pods()).hasSize(9).doesNotContain("orders-a1");
        assertThat(result(results, Scenario.ZONE_DOWN).pods()).hasSize(5).allMatch(pod -> pod.startsWith("orders-a"));
        assertThat(result(results, Scenario.PODS_ADDED).pods()).hasSize(13);
        for (ClientKind client : ClientKind.values()) {
            ClientFigures healthy = figures(results, Scenario.HEALTHY, client);
            assertThat(healthy.requests()).isPositive();
            assertThat(healthy.failed()).isZero();
            assertThat(healthy.perPod()).hasSize(10);
            assertThat(figures(results, Scenario.POD_KILLED, client).failed()).isPositive();
            assertThat(figures(results, Scenario.POD_FAILING, client).failed()).isPositive();
        }
        assertThat(fleet.pods())
                .hasSize(10)
                .allMatch(pod -> pod.state() == DemoPod.State.READY
                        && pod.server().behaviour().slowdown() == 1
                        && !pod.server().behaviour().isFailing());
        assertThat(said.get(1)).isEqualTo("Killed orders-a1. Kubernetes notices it 500 ms later.");
    }

    @Test
    void spectator_takesOverFromTheScript() throws Exception {
        Thread thread = new Thread(() -> {
            try {
                director.entertain();
            } catch (InterruptedException e) {
                said.add("the end");
            }
        });
        thread.start();
        await().until(() -> director.scene().said().contains("all well"));
        assertThat(director.scene().scripted()).isTrue();

        director.wish(Wish.trouble(Scenario.ZONE_DOWN));
        await().until(() -> director.scene().scenario() == Scenario.ZONE_DOWN);
        assertThat(director.scene().scripted()).isFalse();

        director.wish(Wish.HEAL);
        await().until(() -> director.scene().scenario() == Scenario.HEALTHY);
        assertThat(fleet.readyPods()).hasSize(10);

        thread.interrupt();
        await().until(() -> said.contains("the end"));
    }

    @Test
    void wishThatCannotBeGranted_isAnsweredWithTheReason() throws Exception {
        fleet.kill(fleet.pods().stream().map(DemoPod::name).toList());
        await().until(() -> fleet.readyPods().isEmpty());
        Thread thread = new Thread(() -> {
            try {
                director.entertain();
            } catch (InterruptedException e) {
                said.add("the end");
            }
        });
        director.wish(Wish.trouble(Scenario.POD_SLOW));
        loads.forEach(Load::close);
        thread.start();

        await().until(() -> said.contains("Make a pod slow: no healthy pod is left (expected: at least one)."));
        thread.interrupt();
    }

    private static ScenarioResult result(List<ScenarioResult> results, Scenario scenario) {
        return results.stream()
                .filter(result -> result.scenario() == scenario)
                .findFirst()
                .orElseThrow();
    }

    private static ClientFigures figures(List<ScenarioResult> results, Scenario scenario, ClientKind client) {
        return result(results, scenario).figures().get(client);
    }
}
