/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.sample.demo;

import dev.xdslb.sample.backend.Behaviour;
import java.time.Clock;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Puts together what spectators see. */
final class Observer {
    private final Fleet fleet;
    private final Measurements measurements;
    private final Director director;
    private final Clock clock;

    Observer(Fleet fleet, Measurements measurements, Director director, Clock clock) {
        this.fleet = fleet;
        this.measurements = measurements;
        this.director = director;
        this.clock = clock;
    }

    DemoState state() {
        List<DemoPod> pods = fleet.pods();
        List<String> ready = pods.stream()
                .filter(pod -> pod.state() == DemoPod.State.READY)
                .map(DemoPod::name)
                .toList();
        List<LiveFigures> live =
                measurements.clients().stream().map(measurements::live).toList();
        Director.Scene scene = director.scene();
        return new DemoState(
                scene.scenario().id(),
                scene.scenario().title(),
                scene.said(),
                scene.scripted(),
                ClientKind.XDS_LB_HTTP.liveSeconds(),
                ClientKind.ONE_BY_ONE.liveSeconds(),
                live.stream().map(figures -> client(figures, ready)).toList(),
                pods.stream()
                        .map(pod -> pod(
                                pod,
                                live.stream()
                                        .map(figures -> figures.pod(pod.name()))
                                        .toList()))
                        .toList(),
                director.events(),
                clock.instant());
    }

    private static DemoState.Client client(LiveFigures figures, List<String> ready) {
        return new DemoState.Client(
                figures.client().id(),
                figures.client().title(),
                figures.rate(),
                figures.failed(),
                orNull(figures.p50()),
                orNull(figures.p99()),
                orNull(figures.maxOverMean(ready)));
    }

    private static DemoState.Pod pod(DemoPod pod, List<LiveFigures.Pod> figures) {
        Behaviour behaviour = pod.server().behaviour();
        String state = switch (pod.state()) {
            case DYING -> "dead";
            case NOT_READY -> "not ready";
            case READY -> behaviour.isFailing() ? "failing" : behaviour.slowdown() != 1 ? "slow" : "ready";
        };
        return new DemoState.Pod(
                pod.name(),
                pod.zone(),
                state,
                state.equals("ready"),
                figures.stream()
                        .map(of -> new DemoState.Traffic(of.rate(), of.failed(), orNull(of.p50()), orNull(of.p99())))
                        .toList());
    }

    private static @Nullable Double orNull(double value) {
        return Double.isNaN(value) ? null : value;
    }
}
