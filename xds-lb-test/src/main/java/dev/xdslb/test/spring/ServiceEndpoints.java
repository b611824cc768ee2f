/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.test.spring;

import dev.xdslb.endpoint.Endpoint;
import dev.xdslb.endpoint.EndpointHealth;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The endpoints of one service, which a test names by their addresses.
 *
 * @param service for messages
 * @param all each address once
 */
record ServiceEndpoints(String service, List<Endpoint> all) {
    ServiceEndpoints {
        all = List.copyOf(all);
        Set<String> addresses = new HashSet<>();
        for (Endpoint endpoint : all) {
            if (!addresses.add(endpoint.address())) {
                throw new IllegalArgumentException("the test declares \"" + service + "\" at " + endpoint.address()
                        + " twice (expected: each address once; several declarations of one service are added up)");
            }
        }
    }

    ServiceEndpoints plus(List<Endpoint> more) {
        List<Endpoint> changed = new ArrayList<>(all);
        changed.addAll(more);
        return new ServiceEndpoints(service, changed);
    }

    ServiceEndpoints minus(List<Endpoint> gone) {
        List<Endpoint> changed = new ArrayList<>(all);
        gone.forEach(endpoint -> changed.remove(indexOf(endpoint, changed)));
        return new ServiceEndpoints(service, changed);
    }

    ServiceEndpoints with(EndpointHealth health, List<Endpoint> some) {
        List<Endpoint> changed = new ArrayList<>(all);
        for (Endpoint endpoint : some) {
            int index = indexOf(endpoint, changed);
            Endpoint present = changed.get(index);
            changed.set(index, copy(present, present.key().podUid(), health));
        }
        return new ServiceEndpoints(service, changed);
    }

    /** Returns an endpoint that is another one to whoever measures it. */
    static Endpoint copy(Endpoint endpoint, String podUid, EndpointHealth health) {
        return Endpoint.builder(endpoint.key().host(), endpoint.key().port())
                .pod(endpoint.podName(), podUid)
                .health(health)
                .locality(endpoint.locality())
                .priority(endpoint.priority())
                .weight(endpoint.weight())
                .readySince(endpoint.readySince())
                .shard(endpoint.shard())
                .labels(endpoint.labels())
                .build();
    }

    private int indexOf(Endpoint wanted, List<Endpoint> among) {
        for (int i = 0; i < among.size(); i++) {
            if (among.get(i).address().equals(wanted.address())) {
                return i;
            }
        }
        throw new IllegalArgumentException("endpoint: " + wanted.address() + " (expected: one of \"" + service
                + "\", which are " + among.stream().map(Endpoint::address).toList() + ")");
    }
}
