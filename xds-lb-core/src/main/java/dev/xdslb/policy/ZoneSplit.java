/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.policy;

import dev.xdslb.policy.Routing.Why;
import dev.xdslb.policy.Routing.ZoneShares;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Divides the requests of one priority among zones. Of all requests
 *
 * <pre>
 *  0                                           capacity                    1
 *  ├──── local: capacity × kept ────┼─ overload ──┼──── lack of capacity ───┤
 *         the own zone               all others     zones with room
 * </pre>
 *
 * <p>The capacity share is what the own zone can take of what its clients send, min(1, U / L), as in Envoy's zone aware
 * routing; what exceeds it goes to zones that have more than their own clients need. The overload share is what the own zone
 * turns out not to manage although it should ({@link ZoneBalance}); it spreads over all other zones by weight, because
 * sent to the zones with room it would swamp one that has hardly any.
 */
final class ZoneSplit {
    private final int local;
    private final int others;
    private final ZoneShares shares; // of all but kept, which changes
    private final double capacity;
    private final int[] roomGroups;
    private final double[] room;
    private final ZoneBalance balance;

    /**
     * Divides the requests.
     *
     * @param local the group of the own zone
     * @param others the group of all other zones together
     * @param shares the own zone's, of which its capacity decides
     * @param roomGroups the groups of single zones that have room
     * @param room how the lack of capacity is divided among them: running sums up to 1, 1:1 with {@code roomGroups}; where
     *     no zone has room it is empty, and all others share
     * @param balance what the own zone manages
     */
    ZoneSplit(int local, int others, ZoneShares shares, int[] roomGroups, double[] room, ZoneBalance balance) {
        this.local = local;
        this.others = others;
        this.shares = shares;
        this.capacity = shares.capacity();
        this.roomGroups = roomGroups;
        this.room = room;
        this.balance = balance;
    }

    int route(RandomGenerator random, @Nullable Consumer<Choice> observer) {
        double draw = random.nextDouble();
        double kept = balance.kept();
        if (observer != null) {
            observer.accept(choice(draw, kept));
        }
        if (draw < capacity * kept) {
            return local;
        }
        if (draw < capacity || room.length == 0) {
            return others;
        }
        double place = random.nextDouble();
        for (int i = 0; i < room.length; i++) {
            if (place < room[i]) {
                return roomGroups[i];
            }
        }
        return roomGroups[roomGroups.length - 1]; // reached by rounding only
    }

    private Choice choice(double draw, double kept) {
        ZoneShares present = new ZoneShares(
                shares.zone(), shares.clients(), shares.clientsKnown(), shares.endpoints(), shares.capacity(), kept);
        return new Choice(why(draw, kept), present);
    }

    private Why why(double draw, double kept) {
        if (draw < capacity * kept) {
            return Why.KEPT_LOCAL;
        }
        if (draw >= capacity) {
            return Why.CAPACITY;
        }
        boolean probes = kept == ZoneBalance.UNMEASURED_KEPT || draw >= capacity * ZoneBalance.MAX_KEPT;
        return probes ? Why.PROBE : Why.OVERLOAD;
    }

    /** Where one request went. */
    record Choice(Why why, ZoneShares shares) {}
}
