/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.cluster;

import dev.xdslb.policy.ClientPlace;
import dev.xdslb.policy.ConnectionResult;
import dev.xdslb.policy.Member;
import dev.xdslb.policy.PolicyChain;
import dev.xdslb.policy.ZoneSettings.Affinity;
import java.util.List;

/** What one cluster does as time passes. Called by the registry's tick, by one thread at a time. Throws nothing. */
final class ClusterTick {
    private final Cluster cluster;
    private final ClusterContext context;
    private final ClusterPublication publication;
    private final UnservedZone unservedZone;
    private final FaultBoundary faults;
    private final FaultBoundary checkFaults;

    /**
     * Makes that of one cluster.
     *
     * @param faults around what fails here and is not a connection check
     */
    ClusterTick(Cluster cluster, ClusterContext context, ClusterPublication publication, FaultBoundary faults) {
        this.cluster = cluster;
        this.context = context;
        this.publication = publication;
        this.faults = faults;
        this.unservedZone = new UnservedZone(cluster.resource());
        this.checkFaults =
                context.faults().boundary(cluster.resource() + ": checking connections", "nothing is known of them");
    }

    /** Lets a tenth of a second pass. */
    void tick() {
        cluster.requests().tick();
        faults.run(() -> {
            PolicyChain chain = publication.policies();
            List<Member> present = publication.members().all();
            for (Member member : chain.connectionsToCheck(present)) {
                startCheck(chain, member);
            }
            if (chain.tick(present)) {
                publication.republish();
            }
        });
    }

    private void startCheck(PolicyChain chain, Member member) {
        try {
            context.connectionCheck().start(member.endpoint(), result -> chain.onConnectionChecked(member, result));
            checkFaults.worked();
        } catch (Throwable e) { // no thread to be had, say: known is nothing
            chain.onConnectionChecked(member, ConnectionResult.UNKNOWN);
            checkFaults.failed(e);
        }
    }

    /** Lets half a second pass: ends ejections, changes weights, asks a strategy again that failed; and for the feed. */
    void slowTick(EndpointFeed feed) {
        faults.run(() -> {
            MemberTable present = publication.members();
            if (publication.policies().slowTick(present.all(), present.subsets()) || publication.isOutdated()) {
                publication.republish();
            }
            present.tally().letGo();
            cluster.retryBudget().tick();
            publication.endOverrides();
            publication.slowTick();
            ClientPlace place = context.place();
            if (cluster.settings().policy().zones().affinity() != Affinity.OFF && place.isZoneGiven()) {
                unservedZone.look(place.zone(), present.all());
            }
        });
        faults.run(feed::slowTick);
    }

    /** Nobody is to hear of what failed before. */
    void forgetFaults() {
        faults.forget();
        checkFaults.forget();
    }
}
