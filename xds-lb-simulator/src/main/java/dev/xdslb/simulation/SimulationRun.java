/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.simulation;

import dev.xdslb.load.Outcome;
import dev.xdslb.simulation.ClientGroup.ColdStart;
import dev.xdslb.simulation.ClientGroup.RateChange;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeSet;

/**
 * One run of a simulation: takes the earliest event, moves the virtual clock there, lets it happen. One thread.
 *
 * <pre>
 *  ARRIVAL, SEND ──▶ pick ──▶ pod: worker free? ──▶ WORKED ──▶ client: ended
 *                              │    else queue ──▶ (a worker gets free)
 *                              └─ refused, failing, shedding ──▶ REFUSED, FAILED, SHED ──▶ client: ended
 * </pre>
 */
final class SimulationRun {
    /** How long it takes to learn that nobody listens at an address. */
    private static final long REFUSAL_NANOS = Duration.ofMillis(1).toNanos();
    /** How long a closed loop waits where there is no pod to send to. */
    private static final long NO_POD_PAUSE_NANOS = Duration.ofMillis(10).toNanos();
    /** Within which time the workers of a closed loop begin. */
    private static final long LOOP_START_NANOS = Duration.ofMillis(100).toNanos();
    /** The time of day at which simulations start: that of a registry whose clock starts at zero. */
    private static final Instant EPOCH = Instant.EPOCH;

    // Kinds of events: the highest bits of an event's payload; below them 28 bits of generation and 32 of a position.
    private static final int ARRIVAL = 0;
    private static final int SEND = 1;
    private static final int WORKED = 2;
    private static final int FAILED = 3;
    private static final int REFUSED = 4;
    private static final int PODS_UPDATE = 5;
    private static final int PODS_ANNOUNCEMENT = 6;
    private static final int TICK = 7;
    private static final int SHED = 8;
    private static final int KIND_SHIFT = 60;
    private static final int GENERATION_MASK = (1 << 28) - 1;

    private final Simulation simulation;
    private final boolean centralQueue;
    private final long end;
    private final EventQueue events = new EventQueue();
    private final LongRing timeouts = new LongRing(); // pairs of time and payload: in order, since all last alike
    private final RequestTable requests = new RequestTable();
    private final LongRing centralWaiting = new LongRing();
    private final PodState[] pods;
    private final SimulatedBalancer[] balancers;
    private final ClientGroup[] groups; // by client
    private final ZoneTraffic[] traffic; // by client
    private final int[] firstClient; // by group
    private final int[] clientZone;
    private final PhaseResult[] phases;
    private final BitSet[] reached; // by client: the pods that it has sent to; empty where it has sent nothing
    private final SplittableRandom arrivals;
    private final SplittableRandom starts;
    private final Map<String, ZoneTraffic> trafficByZone = new LinkedHashMap<>();
    private final Map<String, Integer> zones = new HashMap<>();
    private long now;
    private int phase;
    private int inFlight;
    private long sent;
    private long eventCount;

    SimulationRun(Simulation simulation, SimulatedSystem system, long seed) {
        this.simulation = simulation;
        this.end = simulation.duration.toNanos();
        SplittableRandom root = new SplittableRandom(seed);
        arrivals = root.split();
        starts = root.split();
        pods = new PodState[simulation.pods.size()];
        for (int i = 0; i < pods.length; i++) {
            PodSpec spec = simulation.pods.get(i);
            pods[i] = new PodState(i, spec, zoneNumber(spec.zone()), EPOCH, root.split());
        }
        phases = new PhaseResult[simulation.phases.size() + 1];
        for (int i = 0; i < phases.length; i++) {
            Duration from = i == 0 ? Duration.ZERO : simulation.phases.get(i - 1);
            Duration until = i == phases.length - 1 ? simulation.duration : simulation.phases.get(i);
            phases[i] = new PhaseResult(from, until, simulation.answerLimit, pods.length, simulation.recordFirst);
        }
        int count = simulation.clientCount();
        balancers = new SimulatedBalancer[count];
        groups = new ClientGroup[count];
        traffic = new ZoneTraffic[count];
        clientZone = new int[count];
        reached = new BitSet[count];
        firstClient = new int[simulation.clients.size()];
        Map<String, Integer> clientsPerZone = new HashMap<>();
        for (ClientGroup group : simulation.clients) {
            clientsPerZone.merge(group.zone(), group.count(), Integer::sum);
        }
        int client = 0;
        for (int g = 0; g < firstClient.length; g++) {
            ClientGroup group = simulation.clients.get(g);
            firstClient[g] = client;
            for (int i = 0; i < group.count(); i++, client++) {
                groups[client] = group;
                reached[client] = new BitSet();
                clientZone[client] = zoneNumber(group.zone());
                traffic[client] = trafficByZone.computeIfAbsent(
                        group.zone(), zone -> new ZoneTraffic((int) simulation.duration.toSeconds() + 1));
                SplittableRandom chance = root.split();
                balancers[client] = system.balancers()
                        .apply(new SimulatedClient(
                                client,
                                group.zone(),
                                clientsPerZone,
                                () -> now,
                                () -> EPOCH.plusNanos(now),
                                chance,
                                () -> group.requests().apply(chance),
                                pod -> pods[pod].acceptsConnections()));
            }
        }
        centralQueue = balancers[0] instanceof CentralQueue;
    }

    private int zoneNumber(String zone) {
        return zones.computeIfAbsent(zone, z -> zones.size());
    }

    SimulationResult run() {
        schedulePodChanges();
        updatePods();
        announcePods();
        for (int g = 0; g < firstClient.length; g++) {
            startGroup(g);
        }
        for (int client = 0; client < balancers.length; client++) {
            long interval = balancers[client].tickInterval().toNanos();
            if (interval > 0) {
                schedule(starts.nextLong(interval), TICK, 0, client);
            }
        }
        long limit = end + simulation.drain.toNanos();
        while (true) {
            long eventTime = events.firstTime();
            long timeout = timeouts.isEmpty() ? Long.MAX_VALUE : timeouts.first();
            long time = Math.min(eventTime, timeout);
            boolean allSent = time > end || sent >= simulation.maxRequests;
            if (time > limit || (allSent && inFlight == 0)) {
                break;
            }
            now = time;
            while (phase + 1 < phases.length && now >= phases[phase + 1].from().toNanos()) {
                phase++;
            }
            eventCount++;
            if (timeout < eventTime) {
                timeouts.removeFirst();
                onTimeout(timeouts.removeFirst());
            } else {
                long payload = events.firstPayload();
                events.removeFirst();
                onEvent((int) (payload >>> KIND_SHIFT), (int) (payload >>> 32) & GENERATION_MASK, (int) payload);
            }
        }
        now = limit;
        for (int slot : requests.unanswered()) {
            phases[requests.phase[slot]].neverEnded(now - requests.startedAt[slot]);
        }
        return new SimulationResult(List.of(phases), trafficByZone, eventCount);
    }

    private void onEvent(int kind, int generation, int position) {
        switch (kind) {
            case ARRIVAL -> onArrival(position);
            case SEND -> send(position);
            case WORKED, FAILED, REFUSED, SHED -> {
                if (generation == (requests.generation[position] & GENERATION_MASK)) {
                    onServed(kind, position);
                }
            }
            case PODS_UPDATE -> updatePods();
            case PODS_ANNOUNCEMENT -> announcePods();
            case TICK -> {
                balancers[position].tick(now);
                schedule(now + balancers[position].tickInterval().toNanos(), TICK, 0, position);
            }
            default -> throw new IllegalStateException("event of kind " + kind);
        }
    }

    private void schedule(long time, int kind, int generation, int position) {
        events.add(time, (long) kind << KIND_SHIFT | (long) (generation & GENERATION_MASK) << 32 | position);
    }

    // ---- clients ----

    private void startGroup(int g) {
        ClientGroup group = simulation.clients.get(g);
        if (group.workersPerClient() == 0) {
            scheduleArrival(g);
            return;
        }
        for (int i = 0; i < group.count() * group.workersPerClient(); i++) {
            schedule(starts.nextLong(LOOP_START_NANOS), SEND, 0, firstClient[g] + i % group.count());
        }
        for (int i = 0; i < group.count() * group.loop().more(); i++) {
            schedule(group.loop().moreFrom().toNanos(), SEND, 0, firstClient[g] + i % group.count());
        }
    }

    /** Draws the next arrival; where the rate changes before it, draws anew from there: the process has no memory. */
    private void scheduleArrival(int g) {
        ClientGroup group = simulation.clients.get(g);
        long from = now;
        while (from < end) {
            double factor = 1;
            long change = Long.MAX_VALUE;
            for (RateChange rateChange : group.rateChanges()) {
                long at = rateChange.at().toNanos();
                if (at <= from) {
                    factor = rateChange.factor();
                } else {
                    change = Math.min(change, at);
                }
            }
            double perNano = group.requestsPerSecond() * factor / 1e9;
            double gap = perNano > 0 ? arrivals.nextExponential() / perNano : Double.POSITIVE_INFINITY;
            if (from + gap < change) {
                schedule(from + (long) gap, ARRIVAL, 0, g);
                return;
            }
            from = change;
        }
    }

    private void onArrival(int g) {
        if (now >= end) {
            return;
        }
        int count = simulation.clients.get(g).count();
        send(firstClient[g] + (count == 1 ? 0 : arrivals.nextInt(count)));
        scheduleArrival(g);
    }

    private void send(int client) {
        if (now >= end || sent >= simulation.maxRequests) {
            return;
        }
        sent++;
        int slot = requests.open(now, client, phase);
        phases[phase].opened();
        dispatch(slot);
    }

    private void dispatch(int slot) {
        int client = requests.client[slot];
        inFlight++;
        if (!simulation.timeout.isZero()) {
            timeouts.add(now + simulation.timeout.toNanos());
            timeouts.add((long) requests.generation[slot] << 32 | slot);
        }
        if (centralQueue) {
            enqueueCentrally(slot);
            return;
        }
        int pod = balancers[client].pick(now, slot);
        if (pod == SimulatedBalancer.NO_POD) {
            phases[requests.phase[slot]].notSent();
            requests.answered[slot] = true;
            requests.closeIfDone(slot);
            inFlight--;
            if (groups[client].workersPerClient() > 0) {
                schedule(now + NO_POD_PAUSE_NANOS, SEND, 0, client);
            }
            return;
        }
        assign(slot, pods[pod]);
        arriveAt(slot, pods[pod]);
    }

    private void sendNext(int client, long lastSent) {
        long next = groups[client].loop().nextSend(now, lastSent);
        if (next > now) {
            schedule(next, SEND, 0, client);
        } else {
            send(client);
        }
    }

    private void assign(int slot, PodState pod) {
        int client = requests.client[slot];
        requests.pod[slot] = pod.index;
        requests.held[slot] = true;
        phases[requests.phase[slot]].sent(pod.index);
        traffic[client].sent((int) (requests.startedAt[slot] / 1_000_000_000), clientZone[client] == pod.zone);
    }

    private void onTimeout(long payload) {
        int slot = (int) payload;
        if ((int) (payload >>> 32) == requests.generation[slot] && !requests.answered[slot]) {
            answer(slot, Outcome.FAILURE);
        }
    }

    /** Ends a request on the client's side. */
    private void answer(int slot, Outcome outcome) {
        int client = requests.client[slot];
        long latency = now - requests.startedAt[slot];
        requests.answered[slot] = true;
        inFlight--;
        if (requests.pod[slot] != SimulatedBalancer.NO_POD) {
            balancers[client].ended(now, slot, requests.pod[slot], outcome, latency);
        }
        if (outcome != Outcome.SUCCESS && tryAgain(slot)) {
            requests.closeIfDone(slot);
            return;
        }
        phases[requests.phase[slot]].ended(outcome == Outcome.SUCCESS, latency);
        if (outcome == Outcome.SUCCESS && now < end) {
            phases[phase].succeededNow();
        }
        requests.closeIfDone(slot);
        if (groups[client].workersPerClient() > 0) {
            sendNext(client, now - latency);
        }
    }

    private boolean tryAgain(int slot) {
        int client = requests.client[slot];
        int tries = requests.tries[slot];
        if (tries >= simulation.tries || !balancers[client].tryRetry(now)) {
            return false;
        }
        int next = requests.open(now, client, requests.phase[slot]);
        requests.tries[next] = tries + 1;
        dispatch(next);
        return true;
    }

    // ---- pods ----

    private void arriveAt(int slot, PodState pod) {
        if (!pod.acceptsConnections()) {
            schedule(now + REFUSAL_NANOS, REFUSED, requests.generation[slot], slot);
            return;
        }
        long failsAfter = pod.failsAfter();
        long shedsAfter = pod.shedsAfter();
        if (failsAfter >= 0) {
            schedule(now + failsAfter, FAILED, requests.generation[slot], slot);
        } else if (shedsAfter >= 0) {
            schedule(now + shedsAfter, SHED, requests.generation[slot], slot);
        } else if (pod.hasFreeWorker()) {
            work(slot, pod);
        } else {
            pod.queue.add(slot);
        }
    }

    private void work(int slot, PodState pod) {
        long time = pod.occupyWorker(now) + coldStart(requests.client[slot], pod.index);
        schedule(now + time, WORKED, requests.generation[slot], slot);
    }

    private long coldStart(int client, int pod) {
        ColdStart cold = groups[client].coldStart();
        BitSet before = reached[client];
        if (before.get(pod)) {
            return 0;
        }
        long first = before.isEmpty() ? cold.first().toNanos() : 0;
        before.set(pod);
        return first + cold.firstToPod().toNanos();
    }

    private void onServed(int kind, int slot) {
        PodState pod = pods[requests.pod[slot]];
        Outcome outcome =
                kind == REFUSED ? Outcome.CONNECTION_FAILURE : kind == SHED ? Outcome.REFUSED : Outcome.FAILURE;
        if (kind == WORKED) {
            outcome = pod.errs() ? Outcome.FAILURE : Outcome.SUCCESS;
            pod.freeWorker();
            workOnWaiting(pod);
        }
        release(slot, outcome);
    }

    /** Ends a request on the pod's side. */
    private void release(int slot, Outcome outcome) {
        requests.held[slot] = false;
        if (requests.answered[slot]) {
            requests.closeIfDone(slot);
        } else {
            answer(slot, outcome);
        }
    }

    private void workOnWaiting(PodState pod) {
        LongRing waiting = centralQueue ? centralWaiting : pod.queue;
        while (!waiting.isEmpty() && pod.hasFreeWorker()) {
            int slot = (int) waiting.removeFirst();
            requests.held[slot] = false;
            if (requests.answered[slot]) { // given up by its client while it waited
                requests.closeIfDone(slot);
                continue;
            }
            if (centralQueue) {
                assign(slot, pod);
            }
            requests.held[slot] = true;
            work(slot, pod);
        }
    }

    private void enqueueCentrally(int slot) {
        PodState fastest = null;
        for (PodState pod : pods) {
            if (pod.isReady()
                    && pod.hasFreeWorker()
                    && (fastest == null || pod.currentSpeed() > fastest.currentSpeed())) {
                fastest = pod;
            }
        }
        if (fastest == null) {
            requests.held[slot] = true;
            centralWaiting.add(slot);
        } else {
            assign(slot, fastest);
            arriveAt(slot, fastest);
        }
    }

    private void schedulePodChanges() {
        TreeSet<Long> times = new TreeSet<>();
        for (PodState pod : pods) {
            times.add(pod.spec.joinsAt().toNanos());
            for (Fault fault : pod.spec.faults()) {
                times.add(fault.from().toNanos());
                times.add(fault.until().toNanos());
            }
        }
        times.tailSet(1L).headSet(end).forEach(time -> schedule(time, PODS_UPDATE, 0, 0));
    }

    private void updatePods() {
        boolean announce = false;
        for (PodState pod : pods) {
            boolean wasAlive = pod.isAlive();
            announce |= pod.update(now);
            if (wasAlive && !pod.isAlive()) {
                int[] lost = requests.heldBy(pod.index);
                pod.loseEverything();
                for (int slot : lost) {
                    release(slot, Outcome.CONNECTION_FAILURE);
                }
            } else if (pod.isAlive()) {
                workOnWaiting(pod);
            }
        }
        if (announce && now > 0) {
            schedule(now + simulation.discoveryDelay.toNanos(), PODS_ANNOUNCEMENT, 0, 0);
        }
    }

    private void announcePods() {
        List<SimulatedPod> announced = new ArrayList<>();
        for (PodState pod : pods) {
            if (pod.isAlive()) {
                announced.add(pod.announcement());
            }
        }
        List<SimulatedPod> unmodifiable = List.copyOf(announced);
        for (SimulatedBalancer balancer : balancers) {
            balancer.podsChanged(now, unmodifiable);
        }
    }
}
