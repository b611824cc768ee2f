/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.policy;

import dev.xdslb.endpoint.Endpoint;
import dev.xdslb.endpoint.EndpointHealth;
import dev.xdslb.endpoint.EndpointKey;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Chooses which endpoints of a service this client uses, without a word to other clients: those that its
 * {@link RendezvousRanking} prefers. Endpoints are ranked by the zone, and each part of the service that a request may be sent to
 * (a priority, or a value of the label that requests are routed by) has a {@linkplain ClientSubsetSize size} of its own, so that
 * none of these rules finds too few. Each chosen endpoint then weighs as much as those of its zone that it stands for: what zones,
 * priorities and labels get of the requests is as without a subset.
 *
 * <p>One endpoint more or less exchanges at most one. Called with the publication's lock held, at each snapshot and twice a second;
 * the ranking is made anew for a snapshot only.
 */
public final class ClientSubsetChooser {
    private final EndpointsPerClient setting;
    private final boolean prefersOwnZone;
    private final Function<Endpoint, String> label;
    private final ClientPlace place;
    private final LongSupplier nanoClock;
    private final RendezvousRanking ranking;
    private final Map<PartKey, ClientSubsetSize> sizes = new HashMap<>();
    private final Map<ZoneKey, StandIns> standIns = new HashMap<>();
    private List<Endpoint> published = List.of(); // whose parts these are
    private Map<PartKey, RankedPart> parts = Map.of();
    private List<Integer> used = List.of(); // of each zone of each part, in order
    private List<ClientSubset.Part> described = List.of();
    private ClientSubset chosen = ClientSubset.all(List.of());

    /**
     * Makes one that has chosen nobody.
     *
     * @param prefersOwnZone whether requests stay in the own zone
     * @param label the value of the label that requests are routed by, empty for none
     * @param nanoClock nanoseconds since an arbitrary moment, never going back
     */
    public ClientSubsetChooser(
            EndpointsPerClient setting,
            boolean prefersOwnZone,
            Function<Endpoint, String> label,
            ClientPlace place,
            LongSupplier nanoClock) {
        this.setting = setting;
        this.prefersOwnZone = prefersOwnZone;
        this.label = label;
        this.place = place;
        this.nanoClock = nanoClock;
        this.ranking = new RendezvousRanking(place.clientId());
    }

    /**
     * Chooses.
     *
     * @param endpoints all; the same object where they are the same as before
     * @param members what is known of those that are used already, null of others
     * @return the same object as before where it is the same choice
     */
    public ClientSubset choose(List<Endpoint> endpoints, Function<EndpointKey, @Nullable Member> members) {
        if (setting.mode() == EndpointsPerClient.Mode.ALL) {
            if (endpoints != published) {
                published = endpoints;
                chosen = ClientSubset.all(endpoints);
            }
            return chosen;
        }
        boolean isNew = endpoints != published;
        if (isNew) {
            published = endpoints;
            parts = RankedPart.of(endpoints, label, ranking);
            sizes.keySet().retainAll(parts.keySet());
            standIns.keySet().removeIf(zone -> !parts.containsKey(zone.part));
        }
        Predicate<Endpoint> well = endpoint -> isWell(endpoint, members.apply(endpoint.key()));
        long now = nanoClock.getAsLong();
        List<Integer> nowUsed = new ArrayList<>();
        List<ClientSubset.Part> nowDescribed = new ArrayList<>();
        parts.forEach((key, part) -> nowDescribed.add(choose(key, part, well, now, nowUsed)));
        if (isNew || !nowUsed.equals(used) || !nowDescribed.equals(described)) {
            used = nowUsed;
            described = nowDescribed;
            chosen = made();
        }
        return chosen;
    }

    private ClientSubset.Part choose(
            PartKey key, RankedPart part, Predicate<Endpoint> well, long now, List<Integer> nowUsed) {
        ClientSubsetSize.Answer answer = sizes.computeIfAbsent(key, k -> new ClientSubsetSize())
                .of(setting, part.staying(), place.clients(), now);
        if (answer.size() == 0) {
            part.zones().values().forEach(zone -> nowUsed.add(zone.ranked().size()));
            return new ClientSubset.Part(
                    key.priority,
                    key.label,
                    part.size(),
                    part.size(),
                    answer.why().toString());
        }
        boolean prefersZone = prefersOwnZone && !place.zone().isEmpty();
        int[] quotas = part.quotas(answer.size(), prefersZone ? new ZoneOfRegion(place.region(), place.zone()) : null);
        int position = 0;
        int sum = 0;
        for (Map.Entry<ZoneOfRegion, RankedZone> zone : part.zones().entrySet()) {
            StandIns inZone = standIns.computeIfAbsent(new ZoneKey(key, zone.getKey()), k -> new StandIns());
            int some = zone.getValue().used(quotas[position++], well, inZone, now);
            nowUsed.add(some);
            sum += some;
        }
        return new ClientSubset.Part(
                key.priority, key.label, part.size(), sum, answer.why().toString());
    }

    /** One that is only degraded, or left out for a moment or longer, is no reason to do without another. */
    private static boolean isWell(Endpoint endpoint, @Nullable Member member) {
        return endpoint.health() == EndpointHealth.HEALTHY && (member == null || member.isTrusted());
    }

    private ClientSubset made() {
        Set<Endpoint> inside = Collections.newSetFromMap(new IdentityHashMap<>());
        Map<EndpointKey, Double> standsFor = new HashMap<>();
        int position = 0;
        for (RankedPart part : parts.values()) {
            for (RankedZone zone : part.zones().values()) {
                int some = used.get(position++);
                boolean isWhole = some == zone.ranked().size();
                double ofReady = isWhole ? 1 : zone.standsFor(some, true);
                double ofOthers = isWhole ? 1 : zone.standsFor(some, false);
                for (Endpoint endpoint : zone.ranked().subList(0, some)) {
                    inside.add(endpoint);
                    if (!isWhole) {
                        standsFor.put(endpoint.key(), endpoint.health().receivesRequests() ? ofReady : ofOthers);
                    }
                }
            }
        }
        List<Endpoint> outside = new ArrayList<>();
        List<Endpoint> within = new ArrayList<>(inside.size());
        published.forEach(endpoint -> (inside.contains(endpoint) ? within : outside).add(endpoint));
        return new ClientSubset(within, outside, standsFor, described);
    }

    /** A part of a service that a request may choose among. */
    record PartKey(int priority, String label) implements Comparable<PartKey> {
        @Override
        public int compareTo(PartKey other) {
            int byPriority = Integer.compare(priority, other.priority);
            return byPriority == 0 ? label.compareTo(other.label) : byPriority;
        }
    }

    private record ZoneKey(PartKey part, ZoneOfRegion zone) {}
}
