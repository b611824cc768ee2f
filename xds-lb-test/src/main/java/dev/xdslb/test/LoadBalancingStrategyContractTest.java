/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.test;

import static java.util.stream.Collectors.toCollection;
import static java.util.stream.Collectors.toSet;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.management.ThreadMXBean;
import dev.xdslb.endpoint.Endpoint;
import dev.xdslb.load.Lease;
import dev.xdslb.load.Outcome;
import dev.xdslb.policy.Candidate;
import dev.xdslb.policy.Pool;
import dev.xdslb.strategy.LoadBalancingStrategy;
import dev.xdslb.strategy.Picker;
import dev.xdslb.strategy.RequestAttributes;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/**
 * What every strategy owes the engine. Extend it for a strategy of your own, in a class whose name ends in {@code Test}; the
 * strategies of xds-lb pass it too.
 *
 * <pre>{@code
 * class MyStrategyContractTest extends LoadBalancingStrategyContractTest {
 *     @Override
 *     protected LoadBalancingStrategy strategy(RandomGenerator random) {
 *         return new MyStrategy(random);
 *     }
 * }
 * }</pre>
 *
 * <p>Override {@link #followsWeights()} and {@link #sharesEvenly()} where the strategy promises less, {@link #goesInTurn()}
 * where it promises more, and {@link #request(int)} and {@link #endpoint(int)} where it decides by the request and by what the
 * endpoints are.
 */
public abstract class LoadBalancingStrategyContractTest {
    private static final int[] POOL_SIZES = {1, 2, 3, 4, 5, 10, 100};
    private static final int PICKS_PER_CANDIDATE = 2000;
    private static final int PICKS_PER_PICKER = 25;
    private static final int THREADS = 4;
    private static final int PICKS_PER_THREAD = 50_000;

    /** A lock makes hundreds of waits; the JVM makes one or two of its own. */
    private static final int MAX_WAITS = 20;

    private final long seed = Long.getLong("xdslb.seed", 20_261_123L);

    /** For subclasses. */
    protected LoadBalancingStrategyContractTest() {}

    /**
     * Makes the strategy, anew for every test.
     *
     * @param random to be used for everything that is left to chance, so that a failure can be repeated
     */
    protected abstract LoadBalancingStrategy strategy(RandomGenerator random);

    /** Returns whether a candidate of twice the weight gets twice the requests. */
    protected boolean followsWeights() {
        return true;
    }

    /** Returns whether candidates that are alike get equally many requests. */
    protected boolean sharesEvenly() {
        return true;
    }

    /** Returns whether nobody has its next turn before all others of its weight have had theirs. */
    protected boolean goesInTurn() {
        return false;
    }

    /** Returns by how much a candidate's share may differ from what it should be, relative to that; 0.15 where not overridden. */
    protected double tolerance() {
        return 0.15;
    }

    /**
     * Returns a request to pick for. Those of different numbers should differ in what the strategy decides by.
     *
     * @param number 0 or more
     */
    protected RequestAttributes request(int number) {
        return RequestAttributes.NONE;
    }

    /**
     * Starts an endpoint to pick from; its weight is set afterwards. Override it where the strategy decides by labels, the zone
     * or the shard.
     *
     * @param number 0 or more; those of different numbers must have different addresses
     */
    protected Endpoint.Builder endpoint(int number) {
        return TestCluster.endpoint(number);
    }

    /** Returns how many bytes a pick may allocate; 0 where not overridden. */
    protected int bytesPerPick() {
        return 0;
    }

    @Test
    void name_canStandInAConfigurationFile() {
        assertThat(seeded().name()).matches("[a-z][a-z0-9]*(-[a-z0-9]+)*");
    }

    @Test
    void everyPick_isACandidateOfThePool() {
        for (int size : POOL_SIZES) {
            try (TestCluster cluster = TestCluster.of(seeded(), endpoints(size))) {
                Set<Candidate> candidates = candidates(cluster.pool());
                Picker picker = cluster.picker();
                for (int i = 0; i < 1000; i++) {
                    assertThat(candidates).contains(picker.pick(request(i)));
                }
            }
        }
    }

    @Test
    void everyCandidate_isPicked() {
        for (int size : POOL_SIZES) {
            try (TestCluster cluster = TestCluster.of(seeded(), endpoints(size))) {
                Map<Candidate, Integer> picks = pickUnderLoad(cluster, size * PICKS_PER_CANDIDATE);

                assertThat(picks.keySet()).containsExactlyInAnyOrderElementsOf(candidates(cluster.pool()));
            }
        }
    }

    @Test
    void candidatesThatAreAlike_getEquallyManyRequests() {
        assumeTrue(sharesEvenly(), "the strategy does not promise even shares");
        for (int size : POOL_SIZES) {
            try (TestCluster cluster = TestCluster.of(seeded(), endpoints(size))) {
                assertShares(cluster.pool(), pickUnderLoad(cluster, size * PICKS_PER_CANDIDATE));
            }
        }
    }

    @Test
    void heavierCandidates_getMoreRequests_inProportion() {
        assumeTrue(followsWeights(), "the strategy does not promise to follow weights");
        for (int[] weights :
                new int[][] {{1, 2}, {1, 2, 3, 4}, {1, 1, 1, 1, 1, 3, 3, 3, 3, 3}, {10, 20, 30, 40, 50, 60}}) {
            try (TestCluster cluster = TestCluster.of(seeded(), weightedEndpoints(weights))) {
                assertShares(cluster.pool(), pickUnderLoad(cluster, weights.length * PICKS_PER_CANDIDATE * 4));
            }
        }
    }

    @Test
    void weightsThatAreAllMultiplied_changeNothing() {
        assumeTrue(followsWeights(), "the strategy does not promise to follow weights");
        try (TestCluster small = TestCluster.of(seeded(), weightedEndpoints(1, 2, 3, 1, 2, 3));
                TestCluster large = TestCluster.of(seeded(), weightedEndpoints(70, 140, 210, 70, 140, 210))) {
            Map<Candidate, Integer> ofSmall = pickUnderLoad(small, 6 * PICKS_PER_CANDIDATE);
            Map<Candidate, Integer> ofLarge = pickUnderLoad(large, 6 * PICKS_PER_CANDIDATE);
            for (int i = 0; i < 6; i++) {
                double expected = ofSmall.getOrDefault(small.pool().get(i), 0);
                assertThat((double) ofLarge.getOrDefault(large.pool().get(i), 0))
                        .as(describe("picks of candidate " + i + " with weights multiplied by 70"))
                        .isCloseTo(expected, within(tolerance() * expected));
            }
        }
    }

    @Test
    void newPickersInBetween_changeNobodysShare() {
        assumeTrue(sharesEvenly(), "the strategy does not promise even shares");
        for (int size : new int[] {2, 3, 10}) {
            List<Endpoint> endpoints = endpoints(size);
            try (TestCluster cluster = TestCluster.of(seeded(), endpoints)) {
                Map<Endpoint, Integer> counts = new HashMap<>();
                for (int i = 0; i < size * PICKS_PER_CANDIDATE; i++) {
                    if (i % PICKS_PER_PICKER == 0) {
                        cluster.endpoints(endpoints);
                    }
                    Candidate picked = cluster.pick(request(i));
                    counts.merge(picked.endpoint(), 1, Integer::sum);
                    cluster.lease(picked).end(Outcome.SUCCESS);
                }
                for (Endpoint endpoint : endpoints) {
                    assertThat((double) counts.getOrDefault(endpoint, 0))
                            .as(describe("picks of " + endpoint.address() + " of " + size))
                            .isCloseTo(PICKS_PER_CANDIDATE, within(tolerance() * PICKS_PER_CANDIDATE));
                }
            }
        }
    }

    @Test
    void turns_outliveThePicker() {
        assumeTrue(goesInTurn(), "the strategy does not promise turns");
        for (int every : new int[] {1, 2, 3, 7, 10, 13}) {
            List<Endpoint> endpoints = endpoints(10);
            try (TestCluster cluster = TestCluster.of(seeded(), endpoints)) {
                Map<Endpoint, Integer> counts = new HashMap<>();
                for (int i = 0; i < 100; i++) {
                    if (i % every == 0) {
                        Collections.rotate(endpoints, 3); // nor does the order of the list matter
                        cluster.endpoints(endpoints);
                        cluster.cluster().explain(request(i)); // takes no turn
                    }
                    counts.merge(cluster.pick(request(i)).endpoint(), 1, Integer::sum);
                }
                for (Endpoint endpoint : endpoints) {
                    assertThat(counts.getOrDefault(endpoint, 0))
                            .as(describe("of 100 requests with a new picker for every " + every))
                            .isBetween(9, 11);
                }
            }
        }
    }

    @Test
    void whenAnEndpointLeaves_itsRequestsAreSharedByAll() {
        assumeTrue(sharesEvenly(), "the strategy does not promise even shares");
        List<Endpoint> endpoints = endpoints(10);
        for (int leaving : new int[] {0, 4, 9}) {
            try (TestCluster cluster = TestCluster.of(seeded(), endpoints)) {
                pickUnderLoad(cluster, 1003);
                List<Endpoint> rest = new ArrayList<>(endpoints);
                rest.remove(leaving);
                cluster.endpoints(rest);

                assertThat(cluster.pool().size()).isEqualTo(9);
                assertShares(cluster.pool(), pickUnderLoad(cluster, 9 * PICKS_PER_CANDIDATE));
            }
        }
    }

    @Test
    void pickerOfAnEarlierPool_goesOnPicking() {
        try (TestCluster cluster = TestCluster.of(seeded(), endpoints(5))) {
            Set<Candidate> before = candidates(cluster.pool());
            Picker picker = cluster.picker();
            cluster.endpoints(endpoints(2));
            for (int i = 0; i < 1000; i++) {
                assertThat(before).contains(picker.pick(request(i)));
            }
        }
    }

    @Test
    void manyThreads_pickAtOnce_withoutWaiting() throws Exception {
        LoadBalancingStrategy strategy =
                strategy(() -> ThreadLocalRandom.current().nextLong());
        try (TestCluster cluster = TestCluster.of(strategy, endpoints(10))) {
            Set<Candidate> candidates = candidates(cluster.pool());
            Picker picker = cluster.picker();
            AtomicInteger starting = new AtomicInteger(THREADS);
            Callable<Long> picking = () -> {
                for (int i = 0; i < PICKS_PER_THREAD; i++) { // loads classes, which may wait
                    cluster.lease(picker.pick(request(i))).end(Outcome.SUCCESS);
                }
                timesWaited();
                starting.decrementAndGet();
                while (starting.get() > 0) {
                    Thread.onSpinWait();
                }
                long waitedBefore = timesWaited();
                for (int i = 0; i < PICKS_PER_THREAD; i++) {
                    Candidate picked = picker.pick(request(i));
                    if (!candidates.contains(picked)) {
                        throw new AssertionError(picked + " was picked (expected: one of " + candidates + ")");
                    }
                }
                return timesWaited() - waitedBefore;
            };
            for (long waits : runInThreads(picking)) {
                assertThat(waits)
                        .as("how often a thread waited for another within " + PICKS_PER_THREAD + " picks")
                        .isLessThan(MAX_WAITS);
            }
        }
    }

    @Test
    void pick_allocatesNothing() {
        assumeTrue(
                ManagementFactory.getThreadMXBean() instanceof ThreadMXBean bean
                        && bean.isThreadAllocatedMemoryEnabled(),
                "this JVM does not say what threads allocate");
        ThreadMXBean memory = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        try (TestCluster cluster = TestCluster.of(seeded(), endpoints(10))) {
            Picker picker = cluster.picker();
            RequestAttributes request = request(0);
            for (int i = 0; i < PICKS_PER_THREAD; i++) {
                picker.pick(request);
            }
            long before = memory.getCurrentThreadAllocatedBytes();
            for (int i = 0; i < PICKS_PER_THREAD; i++) {
                picker.pick(request);
            }
            double bytes = (memory.getCurrentThreadAllocatedBytes() - before) / (double) PICKS_PER_THREAD;
            assertThat(bytes).as("bytes per pick").isLessThan(bytesPerPick() + 1.0);
        }
    }

    private List<Endpoint> endpoints(int count) {
        int[] weights = new int[count];
        Arrays.fill(weights, 1);
        return weightedEndpoints(weights);
    }

    private List<Endpoint> weightedEndpoints(int... weights) {
        return IntStream.range(0, weights.length)
                .mapToObj(i -> endpoint(i).weight(weights[i]).build())
                .collect(toCollection(ArrayList::new));
    }

    private LoadBalancingStrategy seeded() {
        return strategy(new SplittableRandom(seed));
    }

    /** Picks as a client does that always has a few requests in flight per candidate, which end in their order. */
    private Map<Candidate, Integer> pickUnderLoad(TestCluster cluster, int picks) {
        Map<Candidate, Integer> counts = new HashMap<>();
        Picker picker = cluster.picker();
        int concurrency = 8 * cluster.pool().size();
        Queue<Lease> inFlight = new ArrayDeque<>();
        for (int i = 0; i < picks; i++) {
            Candidate picked = picker.pick(request(i));
            assertThat(picked).as("pick").isNotNull();
            counts.merge(picked, 1, Integer::sum);
            inFlight.add(cluster.lease(picked));
            if (inFlight.size() > concurrency) {
                inFlight.remove().end(Outcome.SUCCESS);
            }
        }
        inFlight.forEach(lease -> lease.end(Outcome.SUCCESS));
        return counts;
    }

    private void assertShares(Pool pool, Map<Candidate, Integer> picks) {
        double all = picks.values().stream().mapToInt(Integer::intValue).sum();
        for (Candidate candidate : candidates(pool)) {
            double expected = candidate.weight() / pool.size();
            assertThat(picks.getOrDefault(candidate, 0) / all)
                    .as(describe(
                            "share of " + candidate + ", of weight " + candidate.weight() + " among " + pool.size()))
                    .isCloseTo(expected, within(tolerance() * expected));
        }
    }

    private String describe(String what) {
        return what + " (repeat with -Dxdslb.seed=" + seed + ")";
    }

    private static Set<Candidate> candidates(Pool pool) {
        return IntStream.range(0, pool.size()).mapToObj(pool::get).collect(toSet());
    }

    /** How often this thread has waited for a lock or for another thread. */
    private static long timesWaited() {
        ThreadInfo info = ManagementFactory.getThreadMXBean()
                .getThreadInfo(Thread.currentThread().getId());
        return info.getBlockedCount() + info.getWaitedCount();
    }

    private static List<Long> runInThreads(Callable<Long> task) throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(THREADS);
        try {
            List<Long> results = new ArrayList<>();
            for (Future<Long> result : threads.invokeAll(Collections.nCopies(THREADS, task))) {
                results.add(result.get());
            }
            return results;
        } finally {
            threads.shutdownNow();
        }
    }
}
