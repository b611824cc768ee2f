/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.simulation.scenario;

import dev.xdslb.simulation.ClientGroup;
import dev.xdslb.simulation.Fault;
import dev.xdslb.simulation.PodSpec;
import dev.xdslb.simulation.ServiceTime;
import dev.xdslb.simulation.SimulatedSystem;
import dev.xdslb.simulation.Simulation;
import dev.xdslb.simulation.ZoneTraffic;
import dev.xdslb.simulation.peer.Peers;
import java.time.Duration;
import java.util.List;
import java.util.Locale;

/**
 * Something happens to one of three zones, each with 8 pods of 8 workers: who keeps requests local has to notice that the
 * own zone cannot take them any more, and to spill the right share without swinging.
 *
 * @param kind what happens, at second 30
 * @param clients the number of clients, spread evenly over the zones
 * @param utilisation of all workers before it happens, 0 to 1
 * @param seeds the number of runs whose mean counts
 */
public record ZoneFault(Kind kind, int clients, double utilisation, int seeds) implements Scenario {
    private static final String[] ZONES = {"a", "b", "c"};
    private static final int PODS_PER_ZONE = 8;
    private static final int WORKERS = 8;
    private static final Duration SERVICE_TIME = Duration.ofMillis(20);
    private static final double SIGMA = 0.6;

    private static final int WARM = 10;
    private static final int FAULT = 30;
    private static final int FIRST = FAULT + 5;
    private static final int STEADY = FAULT + 10;
    private static final int END = 70;

    /** What happens to zone a. */
    public enum Kind {
        /** Half of its pods are no longer ready. */
        LOSE,
        /** Its pods work at half speed. */
        SLOW,
        /** Its clients send twice as much, those of the other zones half as much. */
        HOT,
        /** More than 40% of the clients are there from the start; nothing happens later. */
        UNEVEN,
        /** Its pods answer 30% of the requests with an error, in a millisecond. */
        FAIL
    }

    @Override
    public String name() {
        return "zone-" + kind.name().toLowerCase(Locale.ROOT) + '-' + Names.percent(utilisation) + '-' + clients
                + "-clients";
    }

    @Override
    public String description() {
        String what = switch (kind) {
            case LOSE -> "half of its pods are not ready";
            case SLOW -> "its pods work at half speed";
            case HOT -> "its clients send twice as much and the others half";
            case UNEVEN -> "it has more than 40% of the clients, from the start";
            case FAIL -> "its pods fail 30% of the requests in 1 ms";
        };
        return "zone a of 3 with 8 pods each: " + what + ", from second 30; " + clients + " clients, "
                + Math.round(utilisation * 100) + "% utilisation before; p99-first is of the 5 s after it, p99 and the "
                + "local share (its swing from second to second) from 10 s after it on";
    }

    @Override
    public List<Row> run(SimulatedSystem system, long firstSeed) {
        Seeds results = Seeds.run(simulation(), system, firstSeed, seeds);
        return List.of(
                Row.percent(
                        this,
                        system,
                        "local-healthy",
                        results.mean(r -> r.trafficFrom("a").localShare(WARM, FAULT))),
                Row.millis(
                        this,
                        system,
                        "p99-healthy",
                        results.mean(r -> r.phase(1).percentileMillis(99))),
                Row.millis(
                        this, system, "p99-first", results.mean(r -> r.phase(2).percentileMillis(99))),
                Row.millis(this, system, "p99", results.mean(r -> r.phase(4).percentileMillis(99))),
                Row.percent(this, system, "failed", results.mean(r -> r.phase(4).failedShare())),
                Row.percent(
                        this,
                        system,
                        "local",
                        results.mean(r -> r.trafficFrom("a").localShare(STEADY, END))),
                Row.of(this, system, "local-swing", "points", 100 * results.mean(r -> swing(r.trafficFrom("a")))));
    }

    @Override
    public List<SimulatedSystem> peers() {
        return List.of(Peers.p2cPeakEwma(), Peers.envoyZoneAware(), Peers.strictZone(), Peers.roundRobin());
    }

    private static double swing(ZoneTraffic traffic) {
        return traffic.localShareSwing(STEADY, END);
    }

    private Simulation simulation() {
        Duration at = Duration.ofSeconds(FAULT);
        Simulation.Builder builder = Simulation.builder()
                .duration(Duration.ofSeconds(END))
                .phaseFrom(Duration.ofSeconds(WARM))
                .phaseFrom(at)
                .phaseFrom(Duration.ofSeconds(FIRST))
                .phaseFrom(Duration.ofSeconds(STEADY));
        double perSecond = utilisation * ZONES.length * PODS_PER_ZONE * WORKERS / (SERVICE_TIME.toNanos() / 1e9);
        for (int zone = 0; zone < ZONES.length; zone++) {
            PodSpec pod = PodSpec.of(ServiceTime.logNormal(SERVICE_TIME, SIGMA))
                    .withConcurrency(WORKERS)
                    .inZone(ZONES[zone]);
            for (int i = 0; i < PODS_PER_ZONE; i++) {
                builder.pod(zone == 0 ? faulty(pod, i, at) : pod);
            }
            int count = clientsIn(zone);
            ClientGroup group =
                    ClientGroup.openLoop(count, perSecond * count / clients).inZone(ZONES[zone]);
            builder.clients(kind == Kind.HOT ? group.withRateFrom(at, zone == 0 ? 2 : 0.5) : group);
        }
        return builder.build();
    }

    private PodSpec faulty(PodSpec pod, int index, Duration at) {
        return switch (kind) {
            case LOSE -> index % 2 == 0 ? pod.withFault(Fault.notReady(at, Fault.FOR_EVER)) : pod;
            case SLOW -> pod.withFault(Fault.slow(at, Fault.FOR_EVER, 2));
            case FAIL -> pod.withFault(Fault.failing(at, Fault.FOR_EVER, 0.3, Duration.ofMillis(1)));
            case HOT, UNEVEN -> pod;
        };
    }

    private int clientsIn(int zone) {
        if (kind == Kind.UNEVEN) {
            int inFirst = (int) Math.ceil(clients * 0.42);
            int rest = clients - inFirst;
            return zone == 0 ? inFirst : zone == 1 ? (rest + 1) / 2 : rest / 2;
        }
        return clients / ZONES.length + (zone < clients % ZONES.length ? 1 : 0);
    }
}
