/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.policy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.xdslb.FakeNanoClock;
import dev.xdslb.Randoms;
import dev.xdslb.endpoint.Endpoint;
import dev.xdslb.load.Lease;
import dev.xdslb.load.LoadRegistry;
import dev.xdslb.load.Outcome;
import dev.xdslb.load.RecentOutcomes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SuccessRatiosTest {
    private static final int MEMBERS = 40;
    private static final int REQUESTS = 20;

    private final FakeNanoClock clock = new FakeNanoClock();
    private final RandomGenerator random = Randoms.seeded();

    @ParameterizedTest
    @ValueSource(doubles = {0, 0.01, 0.1, 0.2, 0.3, 0.5, 1})
    void theWorstAreEjected_asManyAsThereIsRoomFor_alsoWhereManyAreEqual(double maxShare) {
        EjectionSettings settings =
                new EjectionSettings(5, 0.5, 10, Duration.ofSeconds(1), Duration.ofSeconds(30), maxShare);
        for (int round = 0; round < 50; round++) {
            List<Member> members = members();
            RecentOutcomes all = RecentOutcomes.NONE;
            for (Member member : members) {
                all = all.plus(member.load().recentOutcomes());
            }
            List<Double> failing = new ArrayList<>();
            for (Member member : members) {
                double ratio = ratio(member, all);
                if (ratio < 0.5) {
                    failing.add(ratio);
                }
            }
            failing.sort(null);

            List<Member> ejected = new SuccessRatios(members).toEject(members, settings, clock.getAsLong());

            assertThat(ejected).doesNotHaveDuplicates();
            assertThat(ratios(ejected, all))
                    .isEqualTo(failing.subList(0, Math.min(failing.size(), settings.maxEjected(MEMBERS))));
        }
    }

    /** Members of which some fail, many of them equally often. */
    private List<Member> members() {
        LoadRegistry loads = new LoadRegistry(clock);
        List<Member> members = new ArrayList<>();
        for (int i = 0; i < MEMBERS; i++) {
            Endpoint endpoint = Endpoint.builder("10.0.0." + i, 80).build();
            Member member = Member.of(endpoint, loads.acquire(endpoint.key()));
            int failures = random.nextInt(3) == 0 ? REQUESTS - random.nextInt(3) : random.nextInt(3);
            for (int request = 0; request < REQUESTS; request++) {
                Lease.start(member.load(), Lease.Listener.NONE)
                        .end(request < failures ? Outcome.FAILURE : Outcome.SUCCESS);
            }
            members.add(member);
        }
        loads.tick();
        loads.slowTick();
        return members;
    }

    private static List<Double> ratios(List<Member> members, RecentOutcomes all) {
        return members.stream().map(member -> ratio(member, all)).sorted().toList();
    }

    private static double ratio(Member member, RecentOutcomes all) {
        RecentOutcomes own = member.load().recentOutcomes();
        return own.successRatio() / all.without(own).successRatio();
    }
}
