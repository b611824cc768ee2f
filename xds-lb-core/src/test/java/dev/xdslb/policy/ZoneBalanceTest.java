/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.xdslb.FakeNanoClock;
import dev.xdslb.endpoint.Endpoint;
import dev.xdslb.endpoint.Locality;
import dev.xdslb.load.Lease;
import dev.xdslb.load.LoadRegistry;
import dev.xdslb.load.Outcome;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ZoneBalanceTest {
    private final FakeNanoClock clock = new FakeNanoClock();
    private final LoadRegistry loads = new LoadRegistry(clock);
    private final List<Member> members = new ArrayList<>();
    private final ZoneBalance balance = new ZoneBalance();

    ZoneBalanceTest() {
        for (String zone : new String[] {"own", "other"}) {
            Endpoint endpoint = Endpoint.builder("10.0.0." + (members.size() + 1), 80)
                    .locality(Locality.ofZone(zone))
                    .build();
            members.add(Member.of(endpoint, loads.acquire(endpoint.key())));
        }
    }

    @Test
    void beforeBothSidesAreMeasured_allButTheProbesStay() {
        respond(0, 100, 500, 0);
        tick();

        assertThat(balance.kept()).isEqualTo(0.99);
    }

    @Test
    void differencesWithinTheNoise_spillNothing() {
        respond(0, 100, 11, 0);
        respond(1, 100, 10, 0);
        tick();

        assertThat(balance.kept()).isEqualTo(0.99);
    }

    @Test
    void slowerOwnZone_spillsInProportion_downToAFiftieth() {
        assertThat(ZoneBalance.keptAt(1.15)).isEqualTo(0.99);
        assertThat(ZoneBalance.keptAt(Math.sqrt(1.15 * 5))).isCloseTo(0.5, within(1e-9));
        assertThat(ZoneBalance.keptAt(5)).isEqualTo(0.02);
        assertThat(ZoneBalance.keptAt(0.2)).isEqualTo(0.99);

        respond(0, 100, 24, 0);
        respond(1, 100, 10, 0);
        tick();
        assertThat(balance.kept()).isCloseTo(ZoneBalance.keptAt(2.4), within(0.01));
    }

    @Test
    void failingOwnZone_spills_thoughItAnswersFast() {
        respond(0, 100, 10, 43);
        respond(1, 100, 10, 0);
        tick();

        // 43 of 143 failed, one more success assumed: (1 / 0.701)^4 = 4.1
        assertThat(balance.kept()).isCloseTo(ZoneBalance.keptAt(4.1), within(0.02));
    }

    @Test
    void recovery_isSeenWithinSeconds() {
        respond(0, 100, 100, 0);
        respond(1, 100, 10, 0);
        tick();
        assertThat(balance.kept()).isEqualTo(0.02);

        for (int i = 0; i < 50; i++) {
            respond(0, 10, 10, 0);
            respond(1, 10, 10, 0);
            tick();
        }
        assertThat(balance.kept()).isEqualTo(0.99);
    }

    @Test
    void longSilence_keepsTheLastEstimate_butLightly() {
        respond(0, 100, 30, 0);
        respond(1, 100, 10, 0);
        tick();
        for (int i = 0; i < 600; i++) {
            tick();
        }
        assertThat(balance.kept()).isCloseTo(ZoneBalance.keptAt(3), within(0.01));

        respond(0, 30, 10, 0);
        tick();
        assertThat(balance.kept())
                .as("thirty new responses against three old ones")
                .isGreaterThan(0.95);
    }

    private void respond(int member, int successes, int millis, int failures) {
        for (int i = 0; i < successes + failures; i++) {
            Lease lease = Lease.start(members.get(member).load(), Lease.Listener.NONE);
            clock.advance(Duration.ofMillis(millis));
            lease.end(i < failures ? Outcome.FAILURE : Outcome.SUCCESS);
        }
    }

    private void tick() {
        loads.tick();
        balance.tick(members, "own", 0.1);
    }
}
