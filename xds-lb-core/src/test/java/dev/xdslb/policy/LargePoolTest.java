/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.policy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.xdslb.FakeNanoClock;
import dev.xdslb.load.Lease;
import dev.xdslb.load.LoadRegistry;
import dev.xdslb.load.Outcome;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Ten thousand members: nothing that a request does looks at all of them each time, and no list is searched. */
class LargePoolTest {
    private static final int MEMBERS = 10_000;
    private static final int FAILURES = EjectionSettings.DEFAULT.consecutiveFailures();

    private final FakeNanoClock clock = new FakeNanoClock();
    private final Walked members = new Walked(Members.healthy(MEMBERS, clock));
    private final PolicyChain chain = new PolicyChain(
            PolicySettings.DEFAULT, ClientPlace.UNKNOWN, clock, () -> Instant.EPOCH, new SplittableRandom(1));
    private int publications;

    @Test
    void halfOfThemFailAtOnce_fewRequestsLookAtAll_andFewPublish() {
        publishWhere(chain.tick(members));
        members.walks = 0;
        for (int i = 0; i < MEMBERS / 2; i++) {
            for (int request = 0; request < 2 * FAILURES; request++) {
                end(members.get(i), Outcome.FAILURE);
            }
            if (i % 100 == 99) {
                clock.advance(Duration.ofMillis(1)); // 50 ms for all of them
            }
        }

        assertThat(members.walks).as("looks at all of them").isBetween(1, 10);
        assertThat(publications).as("by the ends of requests").isLessThanOrEqualTo(1);
        assertThat(chain.tick(members)).as("the tick publishes the rest").isTrue();
        assertThat(chain.tick(members)).isFalse();
        Plan plan = chain.plan(members, endpoint -> true);
        assertThat(plan.ejected()).isBetween(MEMBERS / 4, MEMBERS / 2);
    }

    @Test
    void connectionsToAllAreRefused_theTickPublishes() {
        publishWhere(chain.tick(members));
        members.walks = 0;
        for (Member member : List.copyOf(members)) {
            end(member, Outcome.CONNECTION_FAILURE);
        }

        assertThat(members.walks).isLessThanOrEqualTo(10);
        assertThat(publications).isLessThanOrEqualTo(1);
        assertThat(chain.tick(members)).isTrue();
    }

    @Test
    void allRefuse_fewRequestsLookAtAll() {
        publishWhere(chain.tick(members));
        publishWhere(chain.slowTick(members));
        members.walks = 0;
        for (int round = 0; round < 8; round++) {
            for (int i = 0; i < MEMBERS; i++) {
                Candidate candidate = candidate(members.get(i));
                Lease.start(candidate.endpointLoad(), Lease.Listener.NONE).end(Outcome.REFUSED);
                publishWhere(chain.onRefused(candidate, Duration.ofSeconds(5), members));
            }
        }

        assertThat(members.walks).isBetween(1, 10);
    }

    @Test
    void changeAfterAQuietTime_isPublishedAtOnce() {
        publishWhere(chain.tick(members));
        for (int i = 0; i < 3; i++) {
            clock.advance(Duration.ofMillis(200));
            for (int request = 0; request < FAILURES; request++) {
                end(members.get(i), Outcome.FAILURE);
            }
            assertThat(publications).isEqualTo(i + 1);
        }
        assertThat(chain.tick(members)).isFalse();
    }

    @Test
    void slowTick_searchesNoSubset() {
        List<Walked> subsets = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            subsets.add(new Walked(members.subList(i * MEMBERS / 4, (i + 1) * MEMBERS / 4)));
        }
        boolean unused = chain.slowTick(members, subsets); // contains() of a subset throws

        assertThat(subsets).allSatisfy(subset -> assertThat(subset.walks).isLessThan(10));
    }

    @Test
    void oneInNoSubset_isComparedWithAll() {
        LoadRegistry loads = new LoadRegistry(clock);
        List<Member> all = new ArrayList<>();
        for (Member member : members) {
            all.add(Member.of(member.endpoint(), loads.acquire(member.endpoint().key())));
        }
        for (int i = 0; i < 20; i++) {
            Lease.start(all.get(0).load(), Lease.Listener.NONE).end(Outcome.FAILURE);
        }
        loads.tick();
        loads.slowTick();
        OutlierEjection ejection = new OutlierEjection(EjectionSettings.DEFAULT, clock, new SplittableRandom(1));

        assertThat(ejection.tick(all, List.of(all.subList(1, MEMBERS)))).isTrue();
        assertThat(all.get(0).ejection().phase).isEqualTo(EjectionState.Phase.EJECTED);
    }

    private void end(Member member, Outcome outcome) {
        Candidate candidate = candidate(member);
        Lease.start(candidate.endpointLoad(), Lease.Listener.NONE).end(outcome);
        publishWhere(chain.onOutcome(candidate, outcome, members));
    }

    private void publishWhere(boolean changed) {
        publications += changed ? 1 : 0;
    }

    private static Candidate candidate(Member member) {
        return new Candidate(member.endpoint(), member.load(), member.ejection(), WeightFactors.FULL, false);
    }

    /** Counts how often somebody looks at all, and is not to be searched. */
    private static final class Walked extends ArrayList<Member> {
        private static final long serialVersionUID = 1;
        private int walks;

        Walked(Collection<Member> members) {
            super(members);
        }

        @Override
        public Iterator<Member> iterator() {
            walks++;
            return super.iterator();
        }

        @Override
        public boolean contains(Object searched) {
            throw new AssertionError("a list of " + size() + " is searched");
        }
    }
}
