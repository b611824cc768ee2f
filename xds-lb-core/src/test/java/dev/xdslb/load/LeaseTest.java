/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.load;

import static org.assertj.core.api.Assertions.assertThat;

import dev.xdslb.FakeNanoClock;
import dev.xdslb.endpoint.EndpointKey;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class LeaseTest {
    private final FakeNanoClock clock = new FakeNanoClock();
    private final EndpointLoad load = new EndpointLoad(new EndpointKey("uid", "10.0.0.1", 80), clock);

    @Test
    void countsInFlight_fromStartToEnd() {
        Lease first = Lease.start(load, Lease.Listener.NONE);
        Lease second = Lease.start(load, Lease.Listener.NONE);
        assertThat(load.inFlight()).isEqualTo(2);

        first.end(Outcome.SUCCESS);
        assertThat(load.inFlight()).isEqualTo(1);
        second.end(Outcome.FAILURE);
        assertThat(load.inFlight()).isZero();
    }

    @Test
    void secondEnd_changesNothingAndSaysSo() {
        List<Outcome> told = new ArrayList<>();
        Lease lease = Lease.start(load, (l, outcome) -> told.add(outcome));

        assertThat(lease.hasEnded()).isFalse();
        assertThat(lease.end(Outcome.CANCELLED)).isTrue();
        assertThat(lease.end(Outcome.FAILURE)).isFalse();

        assertThat(lease.hasEnded()).isTrue();
        assertThat(load.inFlight()).isZero();
        assertThat(load.consecutiveFailures()).isZero();
        assertThat(told).containsExactly(Outcome.CANCELLED);
    }

    @Test
    void runOfFailures_endsWithASuccess_andIsNotTouchedByACancel() {
        end(Outcome.FAILURE);
        end(Outcome.CONNECTION_FAILURE);
        end(Outcome.CANCELLED);
        assertThat(load.consecutiveFailures()).isEqualTo(2);

        end(Outcome.SUCCESS);
        assertThat(load.consecutiveFailures()).isZero();
    }

    @Test
    void manyThreadsThatEndTheSameLeases_countEachOnce() throws Exception {
        int leases = 2_000;
        int threads = 4;
        AtomicInteger told = new AtomicInteger();
        List<Lease> open = new ArrayList<>();
        for (int i = 0; i < leases; i++) {
            open.add(Lease.start(load, (l, outcome) -> told.incrementAndGet()));
        }
        CyclicBarrier together = new CyclicBarrier(threads);
        ExecutorService executor = Executors.newFixedThreadPool(threads);
        try {
            List<Future<?>> ends = new ArrayList<>();
            for (int t = 0; t < threads; t++) {
                ends.add(executor.submit(() -> {
                    together.await();
                    open.forEach(lease -> lease.end(Outcome.SUCCESS));
                    return null;
                }));
            }
            for (Future<?> end : ends) {
                end.get();
            }
        } finally {
            executor.shutdownNow();
        }

        assertThat(load.inFlight()).isZero();
        assertThat(told).hasValue(leases);
    }

    private void end(Outcome outcome) {
        Lease.start(load, Lease.Listener.NONE).end(outcome);
    }
}
