/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.benchmarks.fanout;

import dev.xdslb.benchmarks.fanout.ServerProcess.Memory;
import dev.xdslb.simulation.scenario.Row;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** What happens to a control plane and its streams. */
public enum FanOutScenario {
    CHURN("churn") {
        @Override
        void run(FanOutSystem system, FanOutSizes sizes, Values values) throws InterruptedException {
            try (Trial trial = connected(system, sizes, values)) {
                Round round = churn(trial, sizes, values);
                sustained(trial, sizes, round, values);
            }
        }
    },
    HOT_SERVICE("hot-service") {
        @Override
        void run(FanOutSystem system, FanOutSizes sizes, Values values) throws InterruptedException {
            try (Trial trial = connected(system, sizes.withServices(1, sizes.endpoints()), values)) {
                trial.round(WARM_UP_RATE, warmUpSeconds(sizes), 0);
                values.addAll(trial.changesOneByOne(Math.min(sizes.seconds(), SINGLE_CHANGES)));
            }
        }
    },
    RECONNECT("reconnect") {
        @Override
        void run(FanOutSystem system, FanOutSizes sizes, Values values) throws InterruptedException {
            try (Trial trial = connected(system, sizes, values)) {
                values.add("in-sync-again", "ms", trial.restart());
                Thread.sleep(SETTLE_MILLIS); // what is sent beyond what was needed
                values.add("bytes", "B", (double) trial.fleet().bytes() / sizes.streams());
                values.add("bytes-sent-again", "B", (double) trial.fleet().resentBytes());
                values.addAll(trial.round(sizes.rate(), 1, 0), "after-");
            }
        }
    },
    STALLED_READER("stalled-reader") {
        @Override
        void run(FanOutSystem system, FanOutSizes sizes, Values values) throws InterruptedException {
            int stalled = Math.max(1, sizes.streams() / STALLED_PART);
            try (Trial trial = connected(system, sizes, values)) {
                trial.round(sizes.rate(), warmUpSeconds(sizes), 0);
                values.addAll(trial.round(sizes.rate(), sizes.seconds(), 0), "without-");
                trial.fleet().read(stalled, false);
                values.addAll(trial.round(sizes.rate(), sizes.seconds(), stalled));
                Memory with = trial.memory();
                trial.fleet().end(stalled);
                Thread.sleep(SETTLE_MILLIS);
                values.add(
                        "memory-per-stalled-reader",
                        "B",
                        (double) (with.all() - trial.memory().all()) / stalled);
            }
        }
    },
    MANY_SERVICES("many-services") {
        @Override
        void run(FanOutSystem system, FanOutSizes sizes, Values values) throws InterruptedException {
            FanOutSizes more = sizes.withBystanders(sizes.services() * (MANY - 1));
            try (Trial trial = connected(system, more, values)) {
                churn(trial, more, values);
            }
        }
    },
    MISSPELT_NAMES("misspelt-names") {
        @Override
        void run(FanOutSystem system, FanOutSizes sizes, Values values) throws InterruptedException {
            try (Trial trial = connected(system, sizes, values)) {
                trial.round(sizes.rate(), warmUpSeconds(sizes), 0);
                trial.roundBeside(MISSPELLING_CLIENTS, MISSPELT / 10, sizes.rate(), warmUpSeconds(sizes));
                long allocated = trial.allocated();
                Round without = trial.round(sizes.rate(), sizes.seconds(), 0);
                allocated = trial.allocated() - allocated;
                values.addAll(without, "without-");
                Trial.Misspelt with = trial.roundBeside(MISSPELLING_CLIENTS, MISSPELT, sizes.rate(), sizes.seconds());
                values.addAll(with.others());
                values.add("answered", "ms", with.answeredMillis());
                values.add("bytes-per-name", "B", (double) with.bytes() / with.names());
                values.add(
                        "cpu-per-name",
                        "us",
                        1_000
                                * (with.cpuMillis()
                                        - (without.cpuMillis() - without.compilerMillis()) * without.applied())
                                / with.names());
                values.add("allocated-per-name", "B", (double) (with.allocated() - allocated) / with.names());
            }
        }
    },
    LARGE_SERVICE("large-service") {
        @Override
        void run(FanOutSystem system, FanOutSizes sizes, Values values) throws InterruptedException {
            FanOutSizes large = sizes.withServices(1, sizes.endpoints() * LARGE)
                    .withStreams(Math.min(sizes.streams(), LARGE_STREAMS));
            try (Trial trial = connected(system, large, values)) {
                trial.round(WARM_UP_RATE, warmUpSeconds(sizes), 0);
                values.addAll(trial.changesOneByOne(Math.min(sizes.seconds(), SINGLE_CHANGES)));
            }
        }
    };

    /** Changes that are made one by one. */
    private static final int SINGLE_CHANGES = 5;

    /** Changes per second of a service with many subscribers or endpoints, so that the code is compiled. */
    private static final int WARM_UP_RATE = 2;

    private static final int SETTLE_MILLIS = 2_000;
    /** One stream of so many stops reading: several, because what one takes cannot be seen in the memory of a process. */
    private static final int STALLED_PART = 50;

    private static final int MANY = 10;

    /** Clients that ask for services that do not exist, and how many of them each: nearly as many as a stream may have. */
    private static final int MISSPELLING_CLIENTS = 4;

    private static final int MISSPELT = 90_000;

    private static final int LARGE = 100;
    private static final int LARGE_STREAMS = 10;
    private static final int SEARCH_SECONDS = 5;
    private static final int SEARCH_ROUNDS = 6;

    private final String label;

    FanOutScenario(String label) {
        this.label = label;
    }

    /** Returns the name of the scenario. */
    public String label() {
        return label;
    }

    /** Returns those whose name begins so; empty for all. */
    public static List<FanOutScenario> named(String prefix) {
        List<FanOutScenario> found = Arrays.stream(values())
                .filter(scenario -> scenario.label.startsWith(prefix))
                .toList();
        if (found.isEmpty()) {
            throw new IllegalArgumentException("--scenario: " + prefix + " (expected: the beginning of one of "
                    + Arrays.stream(values()).map(FanOutScenario::label).toList() + ")");
        }
        return found;
    }

    /** Returns why a system cannot be measured here; empty where it can. */
    public static Optional<String> problem(FanOutSystem system) {
        return system.server() == FanOutSystem.Server.GO_CONTROL_PLANE ? GoControlPlane.problem() : Optional.empty();
    }

    /** Measures one system. */
    public List<Row> run(FanOutSystem system, FanOutSizes sizes) throws InterruptedException {
        Values values = new Values(label, system.label());
        run(system, sizes, values);
        return values.rows;
    }

    abstract void run(FanOutSystem system, FanOutSizes sizes, Values values) throws InterruptedException;

    private static Trial connected(FanOutSystem system, FanOutSizes sizes, Values values) throws InterruptedException {
        Trial trial = Trial.start(system, sizes);
        try {
            Memory before = trial.memory();
            values.add("in-sync", "ms", trial.connect());
            Memory after = trial.memory();
            values.add("memory-per-stream", "B", (double) (after.all() - before.all()) / sizes.streams());
            values.add("heap-per-stream", "B", (double) (after.heap() - before.heap()) / sizes.streams());
            return trial;
        } catch (RuntimeException | InterruptedException e) {
            trial.close();
            throw e;
        }
    }

    private static Round churn(Trial trial, FanOutSizes sizes, Values values) throws InterruptedException {
        trial.round(sizes.rate(), warmUpSeconds(sizes), 0);
        Round round = trial.round(sizes.rate(), sizes.seconds(), 0);
        values.addAll(round);
        return round;
    }

    /** Looks for the highest rate that the server sustains, by doubling or halving. */
    private static void sustained(Trial trial, FanOutSizes sizes, Round before, Values values)
            throws InterruptedException {
        int seconds = Math.min(SEARCH_SECONDS, sizes.seconds());
        boolean up = before.sustained();
        Round best = up ? before : null;
        int bestRate = up ? sizes.rate() : 0;
        int rate = up ? sizes.rate() * 2 : Math.max(1, Math.min(sizes.rate() / 2, before.applied() / sizes.seconds()));
        for (int i = 0; i < SEARCH_ROUNDS; i++) {
            Round round = trial.round(rate, seconds, 0);
            if (round.sustained()) {
                best = round;
                bestRate = rate;
            }
            if (up != round.sustained() || rate == 1) {
                break;
            }
            rate = up ? rate * 2 : Math.max(1, rate / 2);
        }
        values.add("sustained", "changes/s", bestRate);
        if (best != null) {
            values.addAll(best, "sustained-");
        }
    }

    private static int warmUpSeconds(FanOutSizes sizes) {
        return Math.max(1, sizes.seconds() / 2);
    }

    /** Collects what was measured. */
    static final class Values {
        private final String scenario;
        private final String system;
        private final List<Row> rows = new ArrayList<>();

        Values(String scenario, String system) {
            this.scenario = scenario;
            this.system = system;
        }

        void add(String metric, String unit, double value) {
            rows.add(new Row(scenario, system, metric, unit, value));
        }

        void addAll(Round round) {
            addAll(round, "");
        }

        void addAll(Round round, String prefix) {
            for (Row row : round.rows(scenario, system)) {
                rows.add(new Row(scenario, system, prefix + row.metric(), row.unit(), row.value()));
            }
        }
    }
}
