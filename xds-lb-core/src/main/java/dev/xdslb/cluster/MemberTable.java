/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.cluster;

import dev.xdslb.endpoint.Endpoint;
import dev.xdslb.endpoint.EndpointKey;
import dev.xdslb.load.LoadRegistry;
import dev.xdslb.policy.ClientSubset;
import dev.xdslb.policy.Member;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The members of a cluster, and which of them share a value of the label that requests are routed by. Immutable, but for the tally, which
 * all tables of a cluster share.
 */
final class MemberTable {
    private final List<Member> all;
    private final ClientSubset clientSubset;
    private final @Nullable SubsetSettings settings; // null where requests are not routed by a label
    private final RequestTally tally;
    private volatile @Nullable Map<EndpointKey, Member>
            byKey; // made when first needed, by any thread; all make the same
    private final Map<String, List<Member>> subsets; // by value; those without one stand under the empty value

    /** Makes one without members. */
    MemberTable(@Nullable SubsetSettings settings) {
        this(List.of(), ClientSubset.all(List.of()), settings, new RequestTally());
    }

    private MemberTable(
            List<Member> members, ClientSubset clientSubset, @Nullable SubsetSettings settings, RequestTally tally) {
        this.tally = tally;
        this.clientSubset = clientSubset;
        this.all = List.copyOf(members);
        this.settings = settings;
        this.subsets = new LinkedHashMap<>();
        if (settings != null) {
            for (Member member : all) {
                subsets.computeIfAbsent(settings.valueOf(member.endpoint()), value -> new ArrayList<>())
                        .add(member);
            }
        }
    }

    /**
     * Returns the table of the endpoints that the client uses now, in which those that stay keep their state. Holds the loads of
     * those that came and releases the loads of those that went, so a table can be replaced once.
     *
     * @param now the present time by the wall clock
     */
    MemberTable replacedBy(ClientSubset newSubset, LoadRegistry loads, Instant now) {
        List<Endpoint> endpoints = newSubset.chosen();
        Map<EndpointKey, Member> before = new HashMap<>();
        for (Member member : all) {
            before.put(member.endpoint().key(), member);
        }
        List<Member> after = new ArrayList<>(endpoints.size());
        for (Endpoint endpoint : endpoints) {
            Member existing = before.remove(endpoint.key());
            Member member = existing == null
                    ? Member.of(endpoint, loads.acquire(endpoint.key()))
                    : existing.describedBy(endpoint, now);
            after.add(member.standingFor(newSubset.standsFor(endpoint)));
        }
        for (Member gone : before.values()) {
            loads.release(gone.load());
        }
        tally.members(after);
        return new MemberTable(after, newSubset, settings, tally);
    }

    /** Returns the table of the same members, with requests routed by another label. */
    MemberTable routedBy(@Nullable SubsetSettings newSettings) {
        return new MemberTable(all, clientSubset, newSettings, tally);
    }

    /** Returns what has become of the requests of all members that there have been. */
    RequestTally tally() {
        return tally;
    }

    /** Returns which of the service's endpoints the members are. */
    ClientSubset clientSubset() {
        return clientSubset;
    }

    List<Member> all() {
        return all;
    }

    /** Returns the member of this key, null where there is none. */
    @Nullable
    Member find(EndpointKey key) {
        Map<EndpointKey, Member> known = byKey;
        if (known == null) {
            known = new HashMap<>();
            for (Member member : all) {
                known.put(member.endpoint().key(), member);
            }
            byKey = known;
        }
        return known.get(key);
    }

    /** Returns the members with each value, and those without one. Empty where requests are not routed by a label. */
    Collection<List<Member>> subsets() {
        return subsets.values();
    }

    /** Returns the members with this value, none where no member has it. */
    List<Member> subset(String value) {
        return value.isEmpty() ? List.of() : subsets.getOrDefault(value, List.of());
    }

    /** Returns the members that stand in for an endpoint of this table when it is left out: its subset, else all. */
    List<Member> standIns(Endpoint endpoint) {
        return settings == null ? all : subsets.getOrDefault(settings.valueOf(endpoint), all);
    }

    /** Returns the values that members have, short ones first, so that numbers stand in their order. */
    List<String> values() {
        return subsets.keySet().stream()
                .filter(value -> !value.isEmpty())
                .sorted(Comparator.comparingInt(String::length).thenComparing(Comparator.naturalOrder()))
                .toList();
    }
}
