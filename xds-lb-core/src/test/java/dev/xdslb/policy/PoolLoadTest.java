/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.policy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.xdslb.load.InFlightTotal;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

/** How many requests a pool says are in flight to it. */
class PoolLoadTest {
    private final InFlightTotal total = new InFlightTotal(() -> 0);
    private final PolicyChain chain =
            new PolicyChain(PolicySettings.DEFAULT, ClientPlace.UNKNOWN, () -> 0, () -> Instant.EPOCH, () -> 0, total);
    private final List<Member> members = Members.healthy(10);
    private final Pool whole = chain.plan(members, endpoint -> true).groups().get(0);

    @Test
    void poolOfAllRequests_isExactAtEveryMoment() {
        assertThat(whole.inFlight()).isZero();

        start(whole, 0, 7);
        assertThat(whole.inFlight()).isEqualTo(7);

        total.tick();
        assertThat(whole.inFlight()).isEqualTo(7);
        start(whole, 3, 5);
        assertThat(whole.inFlight()).isEqualTo(12);
    }

    @Test
    void partOfThePool_countsItsOwnPart_fromTheNextTickOn() {
        Pool part = whole.where(candidate -> candidate != whole.get(0));
        assertThat(part.size()).isEqualTo(9);
        start(whole, 0, 30);
        start(whole, 1, 10);

        assertThat(part.inFlight()).as("what it cannot know yet").isEqualTo(40);
        total.tick();
        assertThat(part.inFlight()).isEqualTo(10);
        start(whole, 0, 4);
        assertThat(part.inFlight())
                .as("a quarter of what came is taken to be its own")
                .isEqualTo(11);
    }

    @Test
    void poolOfAClusterThatDoesNotCount_addsUp() {
        Pool pool = Members.pool(members);
        start(pool, 2, 3);

        assertThat(pool.inFlight()).isEqualTo(3);
    }

    @Test
    void partOfThePool_hasTheSameCandidates_inTheirOrder() {
        Pool part = whole.where(candidate -> candidate == whole.get(8) || candidate == whole.get(2));

        assertThat(part.get(0)).isSameAs(whole.get(2));
        assertThat(part.get(1)).isSameAs(whole.get(8));
        assertThat(part.weight()).isEqualTo(2);
        assertThat(whole.where(candidate -> false).size()).isZero();
    }

    private void start(Pool pool, int index, int requests) {
        for (int i = 0; i < requests; i++) {
            total.started(pool.get(index).endpointLoad().begin(true));
        }
    }
}
