/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.policy;

import dev.xdslb.load.InFlightTotal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;
import org.apiguardian.api.API;
import org.jspecify.annotations.Nullable;

/**
 * The candidates that a strategy chooses from. Immutable but for what {@link #inFlight()} remembers, and for the turns, which
 * are the cluster's; read by every pick.
 */
@API(status = API.Status.STABLE)
public final class Pool {
    private static final AtomicIntegerFieldUpdater<Pool> MEASURING =
            AtomicIntegerFieldUpdater.newUpdater(Pool.class, "measuring");

    /** Added to the role of a pool, it is that of its parts. */
    private static final String PART = "/part";

    private static final Comparator<Candidate> TURN_ORDER =
            Comparator.comparing(candidate -> candidate.endpoint().key(), TurnSequence.ORDER);

    private final Candidate[] candidates;
    private final boolean uniform;
    private final double weight;
    private final @Nullable InFlightTotal total; // null where the cluster does not keep it
    private final PickerTurns turns;
    private final String role;
    private final ReusedTables tables;
    private volatile @Nullable Measured measured; // null where total is; written by who won "measuring"
    private volatile int measuring; // the moment of the last measurement, also while it is under way

    /**
     * Makes a pool.
     *
     * @param total of the cluster, null where it is not kept
     * @param turns of the picker that will be made of it
     * @param role what the pool is to its cluster; the same in the next plan, whoever is in it then
     * @param tables the cluster's
     */
    Pool(
            List<Candidate> candidates,
            @Nullable InFlightTotal total,
            PickerTurns turns,
            String role,
            ReusedTables tables) {
        this.candidates = candidates.toArray(Candidate[]::new);
        this.turns = turns;
        this.role = role;
        this.tables = tables;
        double sum = 0;
        boolean alike = true;
        for (Candidate candidate : this.candidates) {
            sum += candidate.weight();
            alike &= candidate.weight() == this.candidates[0].weight();
        }
        this.uniform = alike;
        this.weight = sum;
        this.total = total;
        if (total != null) {
            measuring = total.moment();
            measured = Measured.of(sumInFlight(), total.get(), 1);
        }
    }

    /** Returns the number of candidates, 0 or more. */
    public int size() {
        return candidates.length;
    }

    /**
     * Returns a candidate.
     *
     * @param index 0 to {@code size() - 1}
     */
    public Candidate get(int index) {
        return candidates[index];
    }

    /** Returns whether every candidate weighs the same. */
    public boolean isUniform() {
        return uniform;
    }

    /** Returns the sum of the candidates' weights. */
    public double weight() {
        return weight;
    }

    /**
     * Returns the pool of those candidates that pass a test, in the same order; it may be empty, and is then no strategy's to
     * pick from. Takes time in proportion to the size: for use when a picker is made, not when it picks.
     */
    public Pool where(Predicate<? super Candidate> test) {
        List<Candidate> passing = new ArrayList<>(candidates.length);
        for (Candidate candidate : candidates) {
            if (test.test(candidate)) {
                passing.add(candidate);
            }
        }
        return new Pool(passing, total, turns, role + PART, tables);
    }

    /**
     * Returns the candidates' turns, one for each in every round. Takes time in proportion to the size: for use when a picker is
     * made, not when it picks. Each further call, also of a part with the same
     * endpoints, gives turns of its own: two kinds of requests need two.
     *
     * @param random decides where the first round begins; not asked where the turns go on
     * @throws IllegalStateException where the pool is empty
     */
    public Turns turns(RandomGenerator random) {
        Candidate[] ring = ring();
        TurnSequence sequence = turns.of(role, ring, random);
        return () -> ring[(int) (sequence.takeStep() % ring.length)];
    }

    /**
     * Returns the candidates' turns as often as their weights say, limited to between a tenth of the mean and ten times the mean.
     * When weights change, everybody keeps the part of a turn that it has earned. Takes time in proportion to the size.
     *
     * @param random decides where the first round begins; not asked where the turns go on
     * @throws IllegalStateException where the pool is empty
     */
    public Turns turnsByWeight(RandomGenerator random) {
        Candidate[] ring = ring();
        return new WeightedTurns(ring, turns.of(role, ring, random));
    }

    /**
     * Returns a table that takes long to make, such as a hash ring, for the picker that is being made: that of the picker before,
     * where it still holds. Tables are kept for as long as their cluster is, the last used ones of each set of endpoints.
     *
     * @param owner whose table it is, compared by identity: a strategy passes itself
     * @param next told the owner's last table for the same endpoints, whose order, weights and whatever else may have been others;
     *     null where there is none. Returns it where it still holds, or another one. Two pools may share a hash by chance: look
     *     whether the endpoints are the same. Called at once, and by several threads at the same time
     */
    @API(status = API.Status.INTERNAL)
    public <T extends ReusableTable> T reuse(Object owner, Class<T> type, Function<@Nullable T, T> next) {
        return tables.next(owner, EndpointSet.of(candidates), type, next, !turns.isLookingAhead());
    }

    /**
     * Returns the same candidates for a picker that says what would be picked: its turns begin where the pool's stand, and taking
     * them takes them from nobody.
     */
    public Pool lookingAhead() {
        return new Pool(Arrays.asList(candidates), total, turns.lookingAhead(), role, tables);
    }

    /** Returns whether nothing is going to be sent to whom its pickers pick: see {@link #lookingAhead()}. */
    public boolean isLookingAhead() {
        return turns.isLookingAhead();
    }

    /**
     * Returns how many requests are in flight to the candidates together, 0 or more, without looking at each of them: it is
     * what they had in flight when they were last looked at, ten times a second, and this pool's part of what has changed
     * since then in the cluster. Exact where all requests of the cluster go to this pool.
     *
     * <p>Only where the cluster's strategy says {@link dev.xdslb.strategy.LoadBalancingStrategy#usesPoolLoad()}; elsewhere
     * it takes time in proportion to the size.
     */
    public long inFlight() {
        Measured last = measured;
        if (total == null || last == null) {
            return sumInFlight();
        }
        int moment = total.moment();
        int measuredAt = measuring;
        long all = total.get();
        if (moment != measuredAt && MEASURING.compareAndSet(this, measuredAt, moment)) {
            last = Measured.of(sumInFlight(), all, last.part);
            measured = last;
        }
        return Math.max(0, last.own + Math.round((all - last.all) * last.part));
    }

    private Candidate[] ring() {
        if (candidates.length == 0) {
            throw new IllegalStateException("pool: empty (expected: a candidate that can have a turn)");
        }
        Candidate[] ring = candidates.clone();
        Arrays.sort(ring, TURN_ORDER);
        return ring;
    }

    private long sumInFlight() {
        long sum = 0;
        for (Candidate candidate : candidates) {
            sum += candidate.endpointLoad().inFlight();
        }
        return sum;
    }

    /**
     * What was in flight at one moment.
     *
     * @param own to the candidates
     * @param all in the cluster
     * @param part of the cluster's requests that are these candidates', 0 to 1
     */
    private record Measured(long own, long all, double part) {

        static Measured of(long own, long all, double partBefore) {
            return new Measured(own, all, all <= 0 ? partBefore : Math.min(1, own / (double) all));
        }
    }
}
