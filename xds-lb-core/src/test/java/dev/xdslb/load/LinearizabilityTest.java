/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.load;

import dev.xdslb.endpoint.EndpointKey;
import java.util.concurrent.atomic.AtomicLong;
import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;
import org.jetbrains.lincheck.datastructures.Operation;
import org.junit.jupiter.api.Test;

/** Tries the interleavings of the lock-free classes one by one and compares each result with those of sequential runs. */
class LinearizabilityTest {
    private static final int ITERATIONS = 10;
    private static final int INVOCATIONS = 1_000;
    private static final int ACTORS = 3; // per thread

    @Test
    void requestsInFlight_areCountedAsIfOneThreadAfterTheOtherDid() {
        check(Requests.class);
    }

    @Test
    void lease_endsOnce_whoeverEndsIt() {
        check(OneLease.class);
    }

    @Test
    void answerAndEnd_countAlike_whicheverComesFirst() {
        check(AnsweredLease.class);
    }

    @Test
    void tickBesideAStart_seesNoAgeThatCannotBe() {
        check(TickBesideStart.class);
    }

    private static void check(Class<?> operations) {
        new ModelCheckingOptions()
                .iterations(ITERATIONS)
                .invocationsPerIteration(INVOCATIONS)
                .threads(2)
                .actorsPerThread(ACTORS)
                .actorsBefore(0)
                .actorsAfter(0)
                .check(operations);
    }

    private static EndpointLoad load() {
        return new EndpointLoad(new EndpointKey("uid", "10.0.0.1", 80), () -> 0);
    }

    /** Starts and ends of requests; those that end were open before. */
    public static class Requests {
        private final EndpointLoad load = load();
        private final long begun;

        public Requests() {
            begun = load.begin(true);
            for (int i = 1; i < 2 * ACTORS; i++) {
                if (load.begin(true) != begun) {
                    throw new IllegalStateException("the clock stands still, so all begin alike");
                }
            }
        }

        @Operation
        public void begin() {
            long unused = load.begin(true);
        }

        @Operation
        public void end() {
            load.end(begun, Outcome.CANCELLED);
        }

        @Operation
        public int inFlight() {
            return load.inFlight();
        }
    }

    /** One lease that everybody tries to end. */
    public static class OneLease {
        private final Lease lease = Lease.start(load(), Lease.Listener.NONE);

        @Operation
        public boolean end() {
            return lease.end(Outcome.FAILURE);
        }

        @Operation
        public boolean discard() {
            return lease.discard();
        }

        @Operation
        public boolean hasEnded() {
            return lease.hasEnded();
        }
    }

    /** One lease whose answer, stream and end come from different threads: whatever comes first, all is counted out once. */
    public static class AnsweredLease {
        private final EndpointLoad load = load();
        private final Lease lease = Lease.start(load, Lease.Listener.NONE);

        @Operation
        public boolean firstMessage() {
            return lease.firstMessage();
        }

        @Operation
        public boolean becomesStream() {
            return lease.becomesStream();
        }

        @Operation
        public boolean end() {
            return lease.end(Outcome.FAILURE);
        }

        @Operation
        public boolean discard() {
            return lease.discard();
        }

        @Operation
        public boolean hasEnded() {
            return lease.hasEnded();
        }
    }

    /** Each reading of the clock is a second later: a tick that reads it before a start looks at the word after it. */
    public static class TickBesideStart {
        private final AtomicLong clock = new AtomicLong(1L << 40);
        private final EndpointLoad load =
                new EndpointLoad(new EndpointKey("uid", "10.0.0.1", 80), () -> clock.addAndGet(1_000_000_000));

        @Operation
        public void begin() {
            long unused = load.begin(true);
        }

        @Operation
        public boolean tick() {
            load.tick();
            return load.unansweredAgeNanos() <= 1e11; // a hundred readings
        }
    }
}
