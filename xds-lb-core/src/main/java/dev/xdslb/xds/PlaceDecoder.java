/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.xds;

import com.google.protobuf.Parser;
import dev.xdslb.cluster.EndpointSource.Place;
import dev.xdslb.endpoint.Locality;
import dev.xdslb.xds.proto.ClientPlace;
import dev.xdslb.xds.proto.ZoneClients;
import java.util.HashMap;
import java.util.Map;

/** Reads where a process runs, a type that only our own control plane serves. */
final class PlaceDecoder implements ResourceDecoder<ClientPlace, Place> {
    @Override
    public String typeUrl() {
        return AdsMethods.PLACE_TYPE_URL;
    }

    @Override
    public String noun() {
        return "a place";
    }

    @Override
    public Parser<ClientPlace> parser() {
        return ClientPlace.parser();
    }

    @Override
    public String nameField() {
        return "name";
    }

    @Override
    public String name(ClientPlace place) {
        return place.getName();
    }

    @Override
    public boolean isOptional() {
        return true;
    }

    @Override
    public Place decode(ClientPlace place) throws UnusableResourceException {
        Map<String, Integer> clients = new HashMap<>();
        for (Map.Entry<String, Integer> zone : place.getClientsByZoneMap().entrySet()) {
            checkCount(zone.getValue(), "clients_by_zone[\"" + zone.getKey() + "\"]");
            clients.put(zone.getKey(), zone.getValue());
        }
        Map<Locality, Integer> byLocality = new HashMap<>();
        for (ZoneClients zone : place.getClientsList()) {
            checkCount(zone.getClients(), "clients of zone \"" + zone.getZone() + '"');
            byLocality.merge(new Locality(zone.getRegion(), zone.getZone(), ""), zone.getClients(), (one, other) ->
                    (int) Math.min(Integer.MAX_VALUE, (long) one + other));
        }
        return new Place(
                new Locality(place.getRegion(), place.getZone(), ""), place.getServicesList(), clients, byLocality);
    }

    /** The wire's type is unsigned. */
    private static void checkCount(int count, String field) throws UnusableResourceException {
        if (count < 0) {
            throw new UnusableResourceException(
                    field + ": " + Integer.toUnsignedString(count) + " (expected: 0 to " + Integer.MAX_VALUE + ')');
        }
    }
}
