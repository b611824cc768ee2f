/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.policy;

import dev.xdslb.load.RecentOutcomes;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;

/**
 * Looks beside the requests for whether the endpoints of one cluster can be connected to, where a request said that one cannot.
 * While a connection cannot be made, no request is spent on it; when it can be again, the endpoint is used again at once, and the
 * first request that fails all the same ejects it.
 *
 * <p>Where one is found dead, others often are too: {@value #ASKED_FOR_EACH} more are looked at for each, among those that
 * nothing was heard from of late. So one dead pod costs a few connections, and of many dead ones a client of few requests
 * learns without a request for each.
 *
 * <p>Checks are believed only where one of them has succeeded: where requests go through a proxy, or a firewall lets through
 * only some, they say nothing. A request that succeeds where the check fails takes the belief away.
 *
 * <p>Decides what is to be checked; whoever calls it does the checking. Called by ending requests (connection failures only),
 * by the tick, and by the threads that checks end on, under one lock.
 */
final class ConnectionChecks {
    /** How many checks of one cluster run at the same time. */
    static final int MOST_UNDER_WAY = 16;

    /** How many more are checked for each that is found dead: finds all where a tenth of the endpoints or more are. */
    static final int ASKED_FOR_EACH = 10;

    /** For how many nanoseconds it counts that an endpoint could be connected to. */
    private static final long FRESH_NANOS = 30_000_000_000L;

    /** The longest time between two checks, in nanoseconds: as good as in ServiceTalk, which waits for 5 s and as much as 3 s more. */
    private static final long MOST_NANOS = 10_000_000_000L;

    /** A check comes between this share of its nominal time and as much more, so that clients do not come together. */
    private static final double JITTER = 0.2;

    private volatile EjectionSettings settings;
    private final LongSupplier nanoClock;
    private final RandomGenerator random;

    private int wanted; // how many endpoints are to be checked, under way or not; guarded by this
    private int underWay; // guarded by this
    private int toAsk; // how many more are to be looked at; guarded by this
    private boolean justBelieved; // what failed before is to be checked again at once; guarded by this
    private boolean changed; // guarded by this
    private volatile boolean believed; // written under the lock
    private volatile boolean idle = true; // nothing to be checked; written under the lock

    ConnectionChecks(EjectionSettings settings, LongSupplier nanoClock, RandomGenerator random) {
        this.settings = settings;
        this.nanoClock = nanoClock;
        this.random = random;
    }

    /** Takes other settings into use; what is known stays, unless nothing is to be checked any more. */
    synchronized void settings(EjectionSettings newSettings) {
        if (settings.tcpHealthCheck() && !newSettings.tcpHealthCheck()) {
            believed = false;
            idle = false; // those that cannot be connected to are released by the next look
        }
        settings = newSettings;
    }

    /** Returns whether checks have shown that they say something about requests. */
    boolean areBelieved() {
        return believed;
    }

    /** Learns that a request to a candidate failed because of its connection. */
    synchronized void onConnectionFailure(Candidate candidate) {
        Reachability reachability = candidate.ejection().reachability;
        reachability.connectionFailures++;
        if (settings.tcpHealthCheck()) {
            want(reachability);
        }
    }

    /** Learns that a connection to a member could not be made or kept, beside the requests. */
    synchronized void onConnectionFailed(Member member) {
        if (settings.tcpHealthCheck()) {
            want(member.ejection().reachability);
        }
    }

    /**
     * Says which endpoints are to be checked now. Each of them must be told to {@link #ended}.
     *
     * @param members all of the cluster
     */
    List<Member> begin(Collection<Member> members) {
        return idle ? List.of() : beginDue(members);
    }

    private synchronized List<Member> beginDue(Collection<Member> members) {
        long now = nanoClock.getAsLong();
        List<Member> due = new ArrayList<>();
        List<Member> askable = new ArrayList<>();
        int present = 0;
        for (Member member : members) {
            Reachability reachability = member.ejection().reachability;
            lookAtRequests(member, now);
            if (!believed && reachability.isUnreachable()) {
                onReachable(member);
            }
            reachability.wanted &= settings.tcpHealthCheck();
            if (reachability.underWay) {
                present++;
            } else if (reachability.wanted) {
                present++;
                boolean isDue = now - reachability.nextAt >= 0 || justBelieved;
                if (isDue && member.endpoint().health().receivesRequests()) {
                    due.add(member);
                }
            } else if (toAsk > 0 && isAskable(member, now)) {
                askable.add(member);
            }
        }
        wanted = present; // without those that the control plane has taken away
        int room = Math.max(0, MOST_UNDER_WAY - underWay);
        List<Member> begun = new ArrayList<>(due.subList(0, Math.min(room, due.size())));
        while (begun.size() < room && toAsk > 0 && !askable.isEmpty()) {
            Member asked = askable.remove(random.nextInt(askable.size()));
            toAsk--;
            wanted++;
            begun.add(asked);
        }
        if (askable.isEmpty()) {
            toAsk = 0;
        }
        for (Member member : begun) {
            member.ejection().reachability.underWay = true;
        }
        underWay += begun.size();
        justBelieved = false;
        idle = wanted == 0 && toAsk == 0;
        return begun;
    }

    /** Learns how a check that was begun ended. */
    synchronized void ended(Member member, ConnectionResult result) {
        Reachability reachability = member.ejection().reachability;
        if (!reachability.underWay) {
            return; // told twice
        }
        long now = nanoClock.getAsLong();
        reachability.underWay = false;
        underWay--;
        if (result == ConnectionResult.FAILED) {
            onFailed(member, now);
            return;
        }
        reachability.wanted = false;
        if (result == ConnectionResult.CONNECTED) {
            justBelieved |= !believed;
            believed = true;
            reachability.everConnected = true;
            reachability.connectedAt = now;
        }
        onReachable(member);
    }

    /** Returns whether anybody became reachable or unreachable since this was last asked. */
    synchronized boolean takeChanged() {
        boolean was = changed;
        changed = false;
        return was;
    }

    private void want(Reachability reachability) {
        long now = nanoClock.getAsLong();
        if (reachability.wanted || reachability.underWay) {
            return;
        }
        if (reachability.everConnected
                && now - reachability.connectedAt > settings.maxTime().toNanos()) {
            reachability.failed = 0;
        }
        reachability.succeededBefore = Long.MAX_VALUE;
        reachability.nextAt = now;
        reachability.wanted = true;
        wanted++;
        idle = false;
    }

    private void onFailed(Member member, long now) {
        Reachability reachability = member.ejection().reachability;
        reachability.settling = member.load().inFlight() == 0;
        reachability.wanted = true;
        reachability.failed++;
        double doubled = settings.baseTime().toNanos() * Math.pow(2, reachability.failed - 1.0);
        double nominal = Math.min(
                doubled, (double) Math.min(MOST_NANOS, settings.maxTime().toNanos()));
        reachability.nextAt = now + (long) (nominal * (1 + JITTER * random.nextDouble()));
        if (!believed) {
            if (reachability.failed == 1) {
                toAsk += ASKED_FOR_EACH; // is there anybody who can be connected to?
            }
        } else if (!reachability.isUnreachable()) {
            reachability.unreachable(true);
            toAsk += ASKED_FOR_EACH;
            changed = true;
        }
        idle = false;
    }

    /** Where a request succeeds whose connection could not be made, checks do not see what requests see. */
    private void lookAtRequests(Member member, long now) {
        Reachability reachability = member.ejection().reachability;
        if (reachability.settling) {
            reachability.settling = false;
            reachability.succeededBefore = member.load().succeeded();
        }
        if (!reachability.wanted || member.load().succeeded() <= reachability.succeededBefore) {
            return;
        }
        reachability.wanted = false;
        reachability.connectedAt = now;
        reachability.everConnected = true;
        if (reachability.isUnreachable()) {
            believed = false;
            onReachable(member);
        }
    }

    private void onReachable(Member member) {
        Reachability reachability = member.ejection().reachability;
        if (reachability.isUnreachable()) {
            reachability.unreachable(false);
            member.ejection().endAvoidance();
            member.load().consecutiveFailuresAtLeast(settings.consecutiveFailures() - 1);
            changed = true;
        }
    }

    /** Nothing was heard from it of late; where checks have shown nothing yet, all are of interest. */
    private boolean isAskable(Member member, long now) {
        Reachability reachability = member.ejection().reachability;
        if (!member.endpoint().health().receivesRequests()
                || (reachability.everConnected && now - reachability.connectedAt < FRESH_NANOS)) {
            return false;
        }
        RecentOutcomes recent = member.load().recentOutcomes();
        return !believed || recent.completed() == recent.failed();
    }
}
