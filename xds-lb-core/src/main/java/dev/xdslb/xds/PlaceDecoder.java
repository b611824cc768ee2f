/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.xds;

import com.google.protobuf.Parser;
import dev.xdslb.cluster.EndpointSource.Place;
import dev.xdslb.endpoint.Locality;
import dev.xdslb.xds.proto.ClientPlace;
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
            int count = zone.getValue();
            if (count < 0) { // the wire's type is unsigned
                throw new UnusableResourceException("clients_by_zone[\"" + zone.getKey() + "\"]: "
                        + Integer.toUnsignedString(count) + " (expected: 0 to " + Integer.MAX_VALUE + ')');
            }
            clients.put(zone.getKey(), count);
        }
        return new Place(new Locality(place.getRegion(), place.getZone(), ""), place.getServicesList(), clients);
    }
}
