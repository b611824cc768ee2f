/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.simulation.scenario;

import dev.xdslb.endpoint.Endpoint;
import dev.xdslb.load.Outcome;
import dev.xdslb.simulation.SimulatedBalancer;
import dev.xdslb.simulation.SimulatedClient;
import dev.xdslb.simulation.SimulatedPod;
import dev.xdslb.simulation.SimulatedSystem;
import dev.xdslb.strategy.RequestAttributes;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * Who is picked while nothing moves: pods have weights and a number of requests in flight, and each further request is given
 * up as soon as it is sent. The cases of Envoy's {@code least_request_lb_simulation_test.cc} and of grpc-java's {@code
 * WeightedRoundRobinLoadBalancerTest}.
 *
 * @param name the scenario's name
 * @param weights of the pods
 * @param inFlight requests of the pods, 1:1 with the weights
 */
public record PickShares(String name, List<Integer> weights, List<Integer> inFlight) implements Scenario {
    private static final int PICKS = 100_000;

    public PickShares {
        weights = List.copyOf(weights);
        inFlight = List.copyOf(inFlight);
        if (weights.size() != inFlight.size()) {
            throw new IllegalArgumentException(
                    "inFlight: " + inFlight + " (expected: one for each of " + weights + ")");
        }
    }

    @Override
    public String description() {
        return "picks among idle requests: weights " + weights + ", in flight " + inFlight;
    }

    @Override
    public List<Row> run(SimulatedSystem system, long firstSeed) {
        double[] shares = shares(system, firstSeed);
        List<Row> rows = new ArrayList<>();
        for (int pod = 0; pod < shares.length; pod++) {
            rows.add(Row.percent(this, system, "share-of-pod-" + (pod + 1), shares[pod]));
        }
        return rows;
    }

    private double[] shares(SimulatedSystem system, long seed) {
        SimulatedBalancer balancer = system.balancers()
                .apply(new SimulatedClient(
                        0,
                        "",
                        Map.of("", 1),
                        () -> 0,
                        () -> Instant.EPOCH,
                        new SplittableRandom(seed),
                        () -> RequestAttributes.NONE,
                        pod -> true));
        List<SimulatedPod> pods = new ArrayList<>();
        for (int i = 0; i < weights.size(); i++) {
            Endpoint endpoint = SimulatedPod.endpoint(i).weight(weights.get(i)).build();
            pods.add(new SimulatedPod(i, endpoint));
        }
        balancer.podsChanged(0, pods);
        int request = 0;
        for (int pod = 0; pod < pods.size(); pod++) {
            for (int i = 0; i < inFlight.get(pod); i++) {
                request = hold(balancer, pod, request);
            }
        }
        double[] shares = new double[pods.size()];
        for (int i = 0; i < PICKS; i++) {
            int pod = balancer.pick(0, request);
            balancer.ended(0, request, pod, Outcome.CANCELLED, 0);
            shares[pod] += 1.0 / PICKS;
        }
        return shares;
    }

    /**
     * Sends requests until one goes to this pod, and gives the others up. They stay in flight until then, so that every
     * balancer comes to it.
     *
     * @return the number of the next request
     */
    private static int hold(SimulatedBalancer balancer, int pod, int firstRequest) {
        List<Integer> others = new ArrayList<>();
        int request = firstRequest;
        int picked = balancer.pick(0, request);
        while (picked != pod) {
            others.add(picked);
            picked = balancer.pick(0, ++request);
        }
        for (int i = 0; i < others.size(); i++) {
            balancer.ended(0, firstRequest + i, others.get(i), Outcome.CANCELLED, 0);
        }
        return request + 1;
    }
}
