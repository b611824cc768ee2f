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
    private static final double BEST = 0.995;
    private static final double WORST = 0.02;

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
    void beforeTheOthersAreMeasured_moreIsSentToThem() {
        respond(0, 100, 500, 0);
        tick();

        assertThat(balance.kept()).isEqualTo(0.95);
    }

    @Test
    void differencesWithinTheNoise_spillNothing() {
        respond(0, 100, 11, 0);
        respond(1, 100, 10, 0);
        tick();

        assertThat(balance.kept()).isEqualTo(BEST);
    }

    @Test
    void slowerOwnZone_spillsAtOnce_andMoreWhileItLasts() {
        respond(0, 100, 30, 0);
        respond(1, 100, 10, 0);
        tick();
        // 0.6 ln 3 and two hundredths of 0.7 ln 3, of ln 1.2 to ln 5
        assertThat(balance.kept()).isCloseTo(0.655, within(0.01));

        settle();
        assertThat(balance.kept()).isCloseTo(0.13, within(0.01)); // 1.3 ln 3
    }

    @Test
    void muchSlowerOwnZone_keepsAFiftieth() {
        respond(0, 100, 100, 0);
        respond(1, 100, 10, 0);
        settle();

        assertThat(balance.kept()).isEqualTo(WORST);
    }

    @Test
    void failingOwnZone_spills_thoughItAnswersAsFast() {
        respond(0, 100, 10, 43);
        respond(1, 100, 10, 0);
        settle();

        assertThat(balance.kept()).isEqualTo(WORST);
    }

    @Test
    void failingOwnZone_spillsNoMoreThanTheOthersCanTake() {
        respond(0, 100, 10, 43);
        respond(1, 100, 12, 0);
        settle();
        double othersABitSlower = balance.kept();
        respond(1, 1000, 16, 0);
        settle();

        assertThat(balance.kept()).isGreaterThan(othersABitSlower + 0.3);
    }

    @Test
    void recovery_isSeenWithinSeconds() {
        respond(0, 100, 100, 0);
        respond(1, 100, 10, 0);
        settle();
        assertThat(balance.kept()).isEqualTo(WORST);

        for (int i = 0; i < 100; i++) {
            respond(0, 10, 10, 0);
            respond(1, 10, 10, 0);
            tick();
        }
        assertThat(balance.kept()).isGreaterThan(0.9);
    }

    @Test
    void longSilence_keepsTheLastEstimate_butLightly() {
        respond(0, 100, 20, 0);
        respond(1, 100, 10, 0);
        settle();
        double kept = balance.kept();
        for (int i = 0; i < 600; i++) {
            tick();
        }
        assertThat(balance.kept()).isCloseTo(kept, within(0.01));

        respond(0, 100, 10, 0);
        settle();
        assertThat(balance.kept())
                .as("a hundred new responses against ten old ones")
                .isEqualTo(BEST);
    }

    /** Lets the slow part follow, without a response. */
    private void settle() {
        for (int i = 0; i < 300; i++) {
            tick();
        }
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
        balance.tick(members, new ZoneOfRegion("", "own"), 0.1);
    }
}
