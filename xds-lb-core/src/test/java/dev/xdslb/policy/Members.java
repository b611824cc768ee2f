/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.policy;

import dev.xdslb.endpoint.Endpoint;
import dev.xdslb.endpoint.EndpointHealth;
import dev.xdslb.load.EndpointLoad;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;

/** Makes members and pools for tests. */
public final class Members {
    private Members() {}

    /** Healthy endpoints of weight 1. */
    public static List<Member> healthy(int count) {
        return weighted(new int[count]);
    }

    /** Healthy endpoints of weight 1 whose load is measured with this clock. */
    public static List<Member> healthy(int count, LongSupplier clock) {
        return healthy(count).stream()
                .map(member -> Member.of(
                        member.endpoint(), new EndpointLoad(member.endpoint().key(), clock)))
                .toList();
    }

    /** Healthy endpoints of these weights; 0 stands for 1. */
    public static List<Member> weighted(int... weights) {
        List<Member> members = new ArrayList<>();
        for (int i = 0; i < weights.length; i++) {
            members.add(member(i, Math.max(1, weights[i]), EndpointHealth.HEALTHY));
        }
        return members;
    }

    public static Member member(int number, int weight, EndpointHealth health) {
        Endpoint endpoint = Endpoint.builder("10.0." + number / 250 + '.' + (number % 250 + 1), 8080)
                .pod("pod-" + number, "uid-" + number)
                .weight(weight)
                .health(health)
                .build();
        return Member.of(endpoint, new EndpointLoad(endpoint.key(), () -> 0));
    }

    /** The pod of the same name with another uid and address. */
    public static Member restarted(Member member, String host) {
        Endpoint endpoint = Endpoint.builder(host, member.endpoint().key().port())
                .pod(member.endpoint().podName(), member.endpoint().key().podUid() + "-restarted")
                .build();
        return Member.of(endpoint, new EndpointLoad(endpoint.key(), () -> 0));
    }

    /** A chain with every policy at its default, at a moment that does not pass. */
    public static PolicyChain chain() {
        return new PolicyChain(PolicySettings.DEFAULT, ClientPlace.UNKNOWN, () -> 0, () -> Instant.EPOCH, () -> 0);
    }

    /** The candidates of a chain that has seen nothing yet; at least one. */
    public static Pool pool(List<Member> members) {
        return chain().plan(members, endpoint -> true).groups().get(0);
    }
}
