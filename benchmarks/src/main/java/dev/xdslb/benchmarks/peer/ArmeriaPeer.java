/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.benchmarks.peer;

import com.linecorp.armeria.client.ClientRequestContext;
import com.linecorp.armeria.client.Endpoint;
import com.linecorp.armeria.client.endpoint.DynamicEndpointGroup;
import com.linecorp.armeria.client.endpoint.EndpointSelectionStrategy;
import com.linecorp.armeria.common.HttpMethod;
import com.linecorp.armeria.common.HttpRequest;
import dev.xdslb.load.Outcome;
import dev.xdslb.simulation.SimulatedBalancer;
import dev.xdslb.simulation.SimulatedPod;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * An endpoint group of Armeria with a strategy that looks at no time. Its slow start is not among them: that one waits for the
 * real clock.
 */
final class ArmeriaPeer implements SimulatedBalancer {
    private final Group group;
    private final ClientRequestContext context = ClientRequestContext.of(HttpRequest.of(HttpMethod.GET, "/"));
    private final Map<Integer, Integer> podsByPort = new HashMap<>();

    private ArmeriaPeer(EndpointSelectionStrategy strategy) {
        group = new Group(strategy);
    }

    static SimulatedBalancer weightedRoundRobin() {
        return new ArmeriaPeer(EndpointSelectionStrategy.weightedRoundRobin());
    }

    @Override
    public void podsChanged(long now, List<SimulatedPod> pods) {
        podsByPort.clear();
        pods.forEach(pod -> podsByPort.put(pod.endpoint().key().port(), pod.index()));
        group.announce(pods.stream()
                .filter(SimulatedPod::isReady)
                .map(pod -> Endpoint.of(
                                pod.endpoint().key().host(),
                                pod.endpoint().key().port())
                        .withWeight(pod.endpoint().weight()))
                .toList());
    }

    @Override
    public int pick(long now, int request) {
        Endpoint endpoint = group.selectNow(context);
        return endpoint == null ? NO_POD : podsByPort.getOrDefault(endpoint.port(), NO_POD);
    }

    @Override
    public void ended(long now, int request, int pod, Outcome outcome, long latencyNanos) {}

    private static final class Group extends DynamicEndpointGroup {
        private Group(EndpointSelectionStrategy strategy) {
            super(strategy);
        }

        private void announce(List<Endpoint> endpoints) {
            setEndpoints(endpoints);
        }
    }
}
