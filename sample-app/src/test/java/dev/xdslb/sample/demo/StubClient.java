/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.sample.demo;

import java.util.List;
import java.util.stream.Collectors;

/** A client that needs no control plane: sends to the ready pods in turn and gets an answer at once. */
final class StubClient implements Caller {
    private final ClientKind kind;
    private final Fleet fleet;
    private int next;

    StubClient(ClientKind kind, Fleet fleet, Tables tables) {
        this.kind = kind;
        this.fleet = fleet;
        Runnable publish = () -> tables.publish(
                kind,
                fleet.readyPods().stream().map(DemoPod::name).collect(Collectors.toUnmodifiableSet()),
                System.nanoTime());
        fleet.onChange(publish);
        publish.run();
    }

    @Override
    public ClientKind kind() {
        return kind;
    }

    @Override
    public void send(MeasuredRequest request) {
        List<DemoPod> ready = fleet.readyPods();
        DemoPod pod = ready.get(Math.floorMod(next++, ready.size()));
        request.sentTo(pod.name());
        if (pod.state() == DemoPod.State.DYING || pod.server().behaviour().isFailing()) {
            request.failed();
        } else {
            request.succeeded();
        }
    }
}
