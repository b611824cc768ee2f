/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.cluster;

import dev.xdslb.load.EndpointLoad;
import dev.xdslb.load.RequestCounts;
import dev.xdslb.policy.Member;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Adds up what a cluster's endpoints count, so that no request pays for the sum. An endpoint counts from when it joins; one that
 * has left, until its last request has ended. One that two clusters reach counts in both.
 *
 * <p><b>Writers:</b> whoever replaces the members, the slow tick and whoever reads, under the lock; a failed
 * pick, by one atomic addition. <b>Readers:</b> meters and the like, any thread. <b>Lossy on purpose:</b> a request to an endpoint that
 * has left may be missed where it ends in the moment in which it is looked at.
 */
final class RequestTally {
    private final Map<EndpointLoad, RequestCounts> joined = new HashMap<>(); // guarded by this; what was counted before
    private final Map<EndpointLoad, RequestCounts> left = new HashMap<>(); // guarded by this; still with requests
    private RequestCounts gone = RequestCounts.NONE; // guarded by this
    private final AtomicLong withoutEndpoint = new AtomicLong();
    private final AtomicLong beyondLimit = new AtomicLong();
    private final AtomicLong failedStrategy = new AtomicLong();

    /** Learns who the members are from now on. */
    synchronized void members(List<Member> members) {
        left.putAll(joined);
        joined.clear();
        for (Member member : members) {
            EndpointLoad load = member.load();
            RequestCounts before = left.remove(load);
            joined.put(load, before == null ? load.counts() : before);
        }
        letGo();
    }

    synchronized RequestTotals totals() {
        letGo();
        RequestCounts counts = gone;
        long inFlight = 0;
        for (Map<EndpointLoad, RequestCounts> some : List.of(joined, left)) {
            for (Map.Entry<EndpointLoad, RequestCounts> entry : some.entrySet()) {
                counts = counts.plus(entry.getKey().counts().minus(entry.getValue()));
                inFlight += entry.getKey().inFlight();
            }
        }
        return new RequestTotals(counts, inFlight, withoutEndpoint.get(), beyondLimit.get(), failedStrategy.get());
    }

    /** Returns how many endpoints have left and are still waited for. */
    synchronized int leaving() {
        return left.size();
    }

    void pickFailed(RuntimeException failure) {
        AtomicLong counter = failure instanceof LimitExceededException
                ? beyondLimit
                : failure instanceof NoEndpointException ? withoutEndpoint : failedStrategy;
        counter.incrementAndGet();
    }

    /** Lets go of what has left and is done, so that it does not outlive its last request. */
    synchronized void letGo() {
        for (Iterator<Map.Entry<EndpointLoad, RequestCounts>> entries =
                        left.entrySet().iterator();
                entries.hasNext(); ) {
            Map.Entry<EndpointLoad, RequestCounts> entry = entries.next();
            if (entry.getKey().inFlight() == 0) {
                gone = gone.plus(entry.getKey().counts().minus(entry.getValue()));
                entries.remove();
            }
        }
    }
}
