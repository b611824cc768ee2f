/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.benchmarks.fanout;

import static org.assertj.core.api.Assertions.assertThat;

import dev.xdslb.simulation.scenario.Row;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** That the program works, with tiny sizes and the servers that need no compiler of another language. Times are not looked at. */
class FanOutScenarioTest {
    private static final FanOutSizes TINY = new FanOutSizes(5, 3, 4, 10, 2, 20, 1, false);

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.MATCH_NONE, names = "GO_.*")
    void everyChange_reachesEverySubscriber(FanOutSystem system) throws Exception {
        try (Trial trial = Trial.start(system, TINY)) {
            trial.connect();

            Round round = trial.round(20, 1, 0);

            assertThat(round.applied()).isEqualTo(20);
            assertThat(round.delivered()).isEqualTo(round.expected()).isPositive();
            assertThat(round.cpuMillis()).isPositive();
            assertThat(trial.fleet().ended()).isZero();
        }
    }

    @Test
    void encrypted_changesArriveAsWell() throws Exception {
        try (Trial trial = Trial.start(FanOutSystem.XDS_LB_DELTA, new FanOutSizes(5, 3, 4, 10, 2, 20, 1, true))) {
            trial.connect();

            Round round = trial.round(20, 1, 0);

            assertThat(round.delivered()).isEqualTo(round.expected()).isPositive();
        }
    }

    @Test
    void reconnect_deltaClientsAreNotSentAgainWhatTheyHold() throws Exception {
        Map<String, Double> values = values(FanOutScenario.RECONNECT.run(FanOutSystem.XDS_LB_DELTA, TINY));

        assertThat(values).containsEntry("bytes-sent-again", 0.0).containsEntry("after-not-delivered", 0.0);
        assertThat(values.get("bytes")).isPositive();
    }

    @Test
    void stalledReader_theOthersGetEveryChange() throws Exception {
        Map<String, Double> values = values(FanOutScenario.STALLED_READER.run(FanOutSystem.XDS_LB_DELTA, TINY));

        assertThat(values)
                .containsEntry("not-delivered", 0.0)
                .containsKeys("without-p99", "p99", "memory-per-stalled-reader");
    }

    private static Map<String, Double> values(List<Row> rows) {
        return rows.stream().collect(Collectors.toMap(Row::metric, Row::value));
    }
}
