/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.xds;

import dev.xdslb.cluster.EndpointSource.Place;
import dev.xdslb.cluster.EndpointSource.PlaceWatcher;
import dev.xdslb.endpoint.Locality;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Writes down what it is told of the place. */
final class PlaceNews implements PlaceWatcher {
    final List<String> news = new ArrayList<>();
    final List<Map<String, Integer>> clients = new ArrayList<>();
    final List<Map<Locality, Integer>> clientsByLocality = new ArrayList<>();

    @Override
    public void onPlace(Place place) {
        clients.add(place.clientsByZone());
        clientsByLocality.add(place.clientsByLocality());
        news.add(place.locality().region() + '/' + place.locality().zone() + ' ' + place.services());
    }

    @Override
    public void onUnknown(String reason) {
        news.add("unknown: " + reason);
    }
}
