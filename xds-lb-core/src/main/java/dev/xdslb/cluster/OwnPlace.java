/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.cluster;

import static java.util.Objects.requireNonNull;

import dev.xdslb.cluster.EndpointSource.Place;
import dev.xdslb.cluster.EndpointSource.PlaceWatcher;
import dev.xdslb.cluster.EndpointSource.Subscription;
import dev.xdslb.cluster.EndpointSource.Watcher;
import dev.xdslb.endpoint.Endpoint;
import dev.xdslb.policy.ClientPlace;
import dev.xdslb.policy.ZoneOfRegion;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The place of this process: what is configured, else what the source says.
 *
 * <p>Its fellow clients are the endpoints of its own service: the share of a zone is the part of the ready ones that runs
 * there. The source counts them; only where it does not, or where another service is configured than the one it counts, does
 * this process ask for the endpoints themselves (in a roll-out of N pods, each would be told of N others). This process counts in its own zone even before it is ready, because it sends requests already. Endpoints whose
 * zone is unknown count nowhere.
 *
 * <p>What was known once stays in use when the source knows no longer: a running process does not move.
 *
 * <p><b>Writers:</b> the source's thread, and the one that starts it; they take the lock and replace {@link #known}.
 * <b>Readers:</b> whoever makes a plan, without a lock.
 */
final class OwnPlace implements ClientPlace {
    private static final Logger log = LoggerFactory.getLogger(OwnPlace.class);

    /** How a resource name chooses one of the service's ports, and how it may say that it is complete. */
    private static final Pattern PORT = Pattern.compile("(\\.svc(\\.[^:?]*)?)?([:?].*)?$");

    /** Every which slow tick it is tried again: every five seconds. */
    private static final int TRY_AGAIN_TICKS = 10;

    private final EndpointSource source;
    private final String givenZone;
    private final String givenService;
    private final FaultBoundary sourceFaults;
    private volatile boolean asking; // the source took the question
    private int slowTicks; // since it was last tried again; touched by the tick only

    private final Object lock = new Object();
    private volatile Known known; // written under lock
    private String service = ""; // whose pods are the fellow clients; guarded by lock, as is the rest
    private String followed = ""; // whose endpoints are asked for, empty for none
    private @Nullable Subscription subscription;
    private boolean counts; // whether the source does
    private Map<ZoneOfRegion, Integer> clients = Map.of(); // ready ones
    private Said said = Said.NOTHING;

    /** What was logged last of what is not known. */
    private enum Said {
        NOTHING,
        NO_ZONE,
        NO_SHARES
    }

    /**
     * What is known at one moment.
     *
     * @param located how many clients are in each zone, this process among them; empty while unknown
     * @param clients how many there are, in zones that are known or not; 0 while unknown
     */
    private record Known(ZoneOfRegion own, Map<ZoneOfRegion, Integer> located, int clients) {
        private Known {
            located = Map.copyOf(located);
        }

        String zone() {
            return own.zone();
        }

        /** Returns the share of those that are chosen; NaN where nobody is. */
        double share(Predicate<ZoneOfRegion> ofZone, Predicate<ZoneOfRegion> ofAll) {
            long inZone = 0;
            long all = 0;
            for (Map.Entry<ZoneOfRegion, Integer> zone : located.entrySet()) {
                if (ofAll.test(zone.getKey())) {
                    all += zone.getValue();
                    inZone += ofZone.test(zone.getKey()) ? zone.getValue() : 0;
                }
            }
            return inZone / (double) all;
        }
    }

    /**
     * Knows what is given.
     *
     * @param zone empty to ask the source
     * @param service the resource name of the own service, empty to ask the source
     */
    OwnPlace(EndpointSource source, String zone, String service, Faults faults) {
        this.source = source;
        this.sourceFaults = faults.boundary("asking where this process runs", "it is tried again");
        this.givenZone = requireNonNull(zone, "zone");
        this.givenService = requireNonNull(service, "service");
        this.known = new Known(new ZoneOfRegion("", zone), Map.of(), 0);
    }

    /** Begins to ask for the rest. */
    void start() {
        if (givenZone.isEmpty() || givenService.isEmpty()) {
            ask();
        } else {
            asking = true;
            synchronized (lock) {
                service = givenService;
                follow(givenService);
            }
        }
    }

    /** Lets half a second pass: what the source did not take is tried again. */
    void slowTick() {
        slowTicks++;
        if (slowTicks < TRY_AGAIN_TICKS) {
            return;
        }
        slowTicks = 0;
        if (!asking) {
            ask();
        }
        synchronized (lock) {
            subscribe();
        }
    }

    private void ask() {
        asking = sourceFaults.run(() -> source.locate(new Asked()));
    }

    @Override
    public String zone() {
        return known.zone();
    }

    @Override
    public String region() {
        return known.own().region();
    }

    @Override
    public double clientShare(String zoneOfClients) {
        return known.share(zone -> zone.zone().equals(zoneOfClients), zone -> true);
    }

    @Override
    public double clientShare(ZoneOfRegion zoneOfClients, Set<String> regions) {
        boolean anyRegion = regions.contains("");
        return known.share(
                zoneOfClients::maybe, zone -> anyRegion || zone.region().isEmpty() || regions.contains(zone.region()));
    }

    @Override
    public int clients() {
        return known.clients();
    }

    @Override
    public boolean isZoneGiven() {
        return !givenZone.isEmpty();
    }

    @Override
    public int fingerprint() {
        Known present = known;
        return 31 * present.own().hashCode() + present.located().hashCode();
    }

    /** Watches this service and no other; an empty name for none. Lock held. */
    private void follow(String newService) {
        if (newService.equals(followed)) {
            return;
        }
        if (subscription != null) {
            sourceFaults.run(subscription::close);
            subscription = null;
        }
        followed = newService;
        subscribe(); // what was counted before stands in until the first answer
    }

    /** Lock held. */
    private void subscribe() {
        if (!followed.isEmpty() && subscription == null) {
            subscription = sourceFaults.call(() -> source.subscribe(followed, new Fellows(followed)));
        }
    }

    /** Whether a name that somebody gave is that of a service whose full name this is, with any of its ports. */
    private static boolean isSameService(String given, String full) {
        return withoutPort(given).equals(withoutPort(full));
    }

    private static String withoutPort(String resource) {
        return PORT.matcher(resource).replaceFirst("");
    }

    /** Lock held. */
    private void replaceKnown(ZoneOfRegion own) {
        Map<ZoneOfRegion, Integer> located = new HashMap<>();
        clients.forEach((zone, count) -> {
            if (count > 0 && !zone.zone().isEmpty()) {
                located.put(zone, count);
            }
        });
        if (!located.isEmpty()
                && !own.zone().isEmpty()
                && located.keySet().stream().noneMatch(own::maybe)) {
            located.put(own, 1);
        }
        known = new Known(own, located, fellows());
    }

    /** What was known once stays: that none is ready just now does not mean that there is nobody. Lock held. */
    private int fellows() {
        long ready = 0;
        for (int count : clients.values()) {
            ready += count;
        }
        return ready > 0 ? (int) Math.min(ready, Integer.MAX_VALUE) : known.clients();
    }

    /** Says what is not known and what is done about it, once until it is known. Lock held. */
    private void sayUnknown(String reason) {
        Said now = known.zone().isEmpty() ? Said.NO_ZONE : known.located().isEmpty() ? Said.NO_SHARES : Said.NOTHING;
        if (now != said) {
            said = now;
            switch (now) {
                case NO_ZONE ->
                    log.info(
                            "the zone of this process is not known, so its requests go to all zones alike; xds-lb.zone or"
                                    + " XDSLB_ZONE can tell it ({})",
                            reason);
                case NO_SHARES ->
                    log.info(
                            "this process is in zone {}; how many of its fellow clients are, too, is not known, so they"
                                    + " are taken to be spread evenly over the zones that serve; xds-lb.own-service can"
                                    + " name the Kubernetes Service whose pods they are ({})",
                            known.zone(),
                            reason);
                case NOTHING -> {}
            }
        }
    }

    private final class Asked implements PlaceWatcher {
        @Override
        public void onPlace(Place place) {
            List<String> services = place.services();
            String counted = services.isEmpty() ? "" : services.get(0);
            synchronized (lock) {
                String zone = givenZone.isEmpty() ? place.locality().zone() : givenZone;
                if (!zone.isEmpty() && !zone.equals(known.zone())) {
                    log.info("this process is in zone {}, says {}", zone, source.description());
                }
                String own = givenService;
                if (givenService.isEmpty()) {
                    own = counted;
                    if (services.size() > 1 && !own.equals(service)) {
                        log.info(
                                "this process belongs to the services {}: the pods of {} are taken for its fellow"
                                        + " clients; xds-lb.own-service can name another one",
                                services,
                                own);
                    }
                }
                service = own;
                if (own.isEmpty()) {
                    clients = Map.of();
                    follow("");
                } else if (sourceCounts(place) && isSameService(own, counted)) {
                    clients = clients(place);
                    follow("");
                } else {
                    follow(own);
                }
                replaceKnown(zone.isEmpty() ? known.own() : new ZoneOfRegion(region(place, zone), zone));
                if (known.zone().isEmpty()) {
                    sayUnknown(source.description() + " says: the node of this pod has no zone");
                } else if (service.isEmpty()) {
                    sayUnknown(source.description() + " says: no Service has this pod among its endpoints");
                }
            }
        }

        /** Where another zone is given than the one that is told, nobody knows of which region it is. */
        private static String region(Place place, String zone) {
            return zone.equals(place.locality().zone()) ? place.locality().region() : "";
        }

        private static Map<ZoneOfRegion, Integer> clients(Place place) {
            Map<ZoneOfRegion, Integer> clients = new HashMap<>();
            place.clientsByLocality().forEach((locality, count) -> clients.put(ZoneOfRegion.of(locality), count));
            if (clients.isEmpty()) {
                place.clientsByZone().forEach((zone, count) -> clients.put(new ZoneOfRegion("", zone), count));
            }
            return clients;
        }

        /** One that has counted once says none when none is ready. Lock held. */
        private boolean sourceCounts(Place place) {
            counts |= !place.clientsByZone().isEmpty();
            return counts;
        }

        @Override
        public void onUnknown(String reason) {
            synchronized (lock) {
                if (!givenService.isEmpty() && service.isEmpty()) {
                    service = givenService;
                    follow(givenService);
                }
                if (known.zone().isEmpty() || service.isEmpty()) {
                    sayUnknown(reason);
                }
            }
        }
    }

    private final class Fellows implements Watcher {
        private final String watched;

        Fellows(String watched) {
            this.watched = watched;
        }

        @Override
        public void onSnapshot(ServiceSnapshot snapshot) {
            Map<ZoneOfRegion, Integer> ready = new HashMap<>();
            for (Endpoint endpoint : snapshot.endpoints().endpoints()) {
                if (endpoint.health().receivesRequests()) {
                    ready.merge(ZoneOfRegion.of(endpoint.locality()), 1, Integer::sum);
                }
            }
            count(ready, "no endpoint of " + watched + " is ready and in a known zone");
        }

        @Override
        public void onAbsent(String reason) {
            count(Map.of(), reason);
        }

        /** Why, the source says itself. */
        @Override
        public void onUnavailable(String reason) {}

        private void count(Map<ZoneOfRegion, Integer> ready, String reasonForNone) {
            synchronized (lock) {
                if (watched.equals(followed)) {
                    clients = ready;
                    replaceKnown(known.own());
                    if (!known.zone().isEmpty()) {
                        sayUnknown(reasonForNone);
                    }
                }
            }
        }
    }
}
