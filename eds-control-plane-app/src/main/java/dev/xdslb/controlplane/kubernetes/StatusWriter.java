/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.kubernetes;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.xdslb.controlplane.fault.FaultBoundary;
import dev.xdslb.controlplane.fault.Faults;
import dev.xdslb.controlplane.fault.Loop;
import dev.xdslb.controlplane.gateway.GatewayKey;
import dev.xdslb.controlplane.gateway.GatewayListener;
import dev.xdslb.controlplane.gateway.ObjectStatus;
import dev.xdslb.controlplane.kubernetes.StatusSignals.Outcome;
import dev.xdslb.controlplane.topology.ObjectId;
import java.net.HttpURLConnection;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes what is to be said of objects of the Gateway API into their statuses. Every replica does, and computes the same; none is the
 * leader. So that they do not write over each other, each waits for a random time, looks what the object says by then, and writes only
 * what differs, on the condition that the object is still the one that it has seen.
 *
 * <pre>
 * change ── 50 to 500 ms ──▶ differs from what is shown? ──▶ written ──▶ shown by the informer: equal, done
 *                                                       └──▶ conflict: when the informer shows the newer one, or read in 10 s;
 *                                                            one after the other: again in 1, 2, 4 … 60 s
 *                                                       └──▶ refused: again in 1, 2, 4 … 60 s, said once
 *                                                       └──▶ failed, or told to wait: nothing at all is written meanwhile (WritePace)
 * the same is written over again and again ──▶ somebody else does not agree: again in 1, 2, 4, 8, 10 min, said once
 * </pre>
 *
 * <p>The informers' threads say what is shown, the topology's writer what is to be said; one thread writes.
 */
final class StatusWriter implements GatewayListener, AutoCloseable {
    private static final Duration MIN_DELAY = Duration.ofMillis(50);
    private static final Duration MAX_DELAY = Duration.ofMillis(500);

    /** Between two writes of this replica: 20 per second, as much as client-go allows a controller by itself. */
    private static final Duration PACE = Duration.ofMillis(50);

    /** A conflict says that there is a newer object. An informer shows it within seconds. */
    private static final Duration BEHIND = Duration.ofSeconds(10);

    /** Conflicts one after the other that are no matter of two replicas that write at once. */
    private static final int USUAL_CONFLICTS = 2;

    private static final int TOO_MANY_REQUESTS = 429;

    /** So often the same may be written within a minute before it is taken for a quarrel. */
    private static final int REPEATS = 4;

    private static final Duration REPEATED_WITHIN = Duration.ofMinutes(1);
    private static final Duration LAST_TRUCE = Duration.ofMinutes(10);

    private static final Duration LONGEST_WAIT = Duration.ofMillis(500);

    private static final Logger logger = LoggerFactory.getLogger(StatusWriter.class);

    private final Api api;
    private final Function<ObjectId, @Nullable ObjectStatus> said;
    private final BooleanSupplier complete;
    private final Map<GatewayKey, List<StatusMerge.Address>> addresses;
    private final FaultBoundary boundary;
    private final InstantSource clock;
    private final LongSupplier nanoClock;
    private final RandomGenerator random;
    private final StatusSignals signals;
    private final WritePace pace; // confined to the loop's thread
    private final Loop loop;

    private final Map<ObjectId, Shown> shown = new ConcurrentHashMap<>();
    private final Set<ObjectId> changed = new LinkedHashSet<>(); // guarded by itself
    private final Map<ObjectId, Plan> plans = new HashMap<>(); // confined to the loop's thread, as the next
    private final Set<String> refused = new HashSet<>(); // kinds of objects, and how; as said in the log

    /** How statuses are written. */
    interface Api {
        /** Merges a patch into the status of an object. */
        Answer patch(ObjectId id, String patch) throws InterruptedException;

        /** Reads an object as it is now; null where that is not to be had. */
        @Nullable
        Shown read(ObjectId id) throws InterruptedException;
    }

    /**
     * What the API server has said.
     *
     * @param code the HTTP status; 0 where there was no answer
     * @param retryAfter how long it wants not to be asked; null where it does not say
     */
    record Answer(int code, @Nullable Duration retryAfter) {
        static Answer of(int code) {
            return new Answer(code, null);
        }
    }

    /**
     * An object as an informer has shown it last.
     *
     * @param status as it is there
     */
    record Shown(String resourceVersion, long generation, JsonNode status) {}

    /** When an object is looked at next, and what happened before. */
    private static final class Plan {
        private long dueAt;
        private boolean resting; // nothing is due
        private boolean behind; // the informer has not shown the newer object yet; when it does, that is looked at
        private boolean reread; // there is a newer object, which the informer may not show for long
        private int failures; // one after the other, as the next
        private int conflicts;
        private @Nullable ObjectStatus written; // last
        private long writtenSince; // the first of these writes
        private int writes; // of the same, that succeeded
        private int truces;
    }

    /**
     * Creates one that is not started.
     *
     * @param said what is to be said of an object, null where that is nothing
     * @param complete whether that is known: before, nothing is taken away
     */
    StatusWriter(
            Api api,
            Function<ObjectId, @Nullable ObjectStatus> said,
            BooleanSupplier complete,
            Map<GatewayKey, List<StatusMerge.Address>> addresses,
            Faults faults,
            InstantSource clock,
            LongSupplier nanoClock,
            RandomGenerator random,
            StatusSignals signals) {
        this.signals = signals;
        this.pace = new WritePace(random);
        this.api = api;
        this.said = said;
        this.complete = complete;
        this.addresses = Map.copyOf(addresses);
        this.boundary = faults.boundary("statuses");
        this.clock = clock;
        this.nanoClock = nanoClock;
        this.random = random;
        this.loop = new Loop(faults, "status writer", this::turn);
    }

    void start() {
        loop.start();
    }

    @Override
    public void close() {
        loop.close();
    }

    /** Learns how an object is. */
    void shows(ObjectId id, Shown object) {
        Shown before = shown.put(id, object);
        if (before == null || !before.equals(object)) {
            look(id);
        }
    }

    /** Learns that an object is gone. */
    void gone(ObjectId id) {
        shown.remove(id);
        look(id);
    }

    @Override
    public void statusesChanged(List<StatusChange> changes) {
        changes.forEach(change -> look(change.id()));
    }

    private void look(ObjectId id) {
        synchronized (changed) {
            changed.add(id);
            changed.notifyAll();
        }
    }

    /** Waits until something is due, for a short time at most, and does it. */
    private void turn() throws InterruptedException {
        long now = nanoClock.getAsLong();
        List<ObjectId> due = due(now);
        for (ObjectId id : due) {
            boolean wrote = Boolean.TRUE.equals(boundary.get(id, () -> write(id)));
            if (wrote) {
                TimeUnit.NANOSECONDS.sleep(PACE.toNanos());
                return; // the pulse beats
            }
        }
        if (due.isEmpty()) {
            await(now);
        }
    }

    private void await(long now) throws InterruptedException {
        long wait = LONGEST_WAIT.toNanos();
        for (Map.Entry<ObjectId, Plan> entry : plans.entrySet()) {
            Plan plan = entry.getValue();
            wait = plan.resting ? wait : Math.min(wait, nanosUntilDue(entry.getKey(), plan, now));
        }
        synchronized (changed) {
            if (changed.isEmpty() && wait > 0) {
                TimeUnit.NANOSECONDS.timedWait(changed, Math.max(wait, TimeUnit.MILLISECONDS.toNanos(1)));
            }
        }
    }

    /** Returns what is to be looked at now. What changes meanwhile is looked at once, at the time that was set first. */
    List<ObjectId> due(long now) {
        List<ObjectId> news;
        synchronized (changed) {
            news = new ArrayList<>(changed);
            changed.clear();
        }
        for (ObjectId id : news) {
            Plan plan = plans.get(id);
            if (plan == null) {
                plan = new Plan();
                plan.resting = true;
                plans.put(id, plan);
            }
            if (plan.resting || plan.behind) {
                plan.resting = false;
                plan.reread &= !plan.behind;
                plan.behind = false;
                plan.dueAt = now + delay();
            }
        }
        List<ObjectId> due = new ArrayList<>();
        plans.forEach((id, plan) -> {
            if (!plan.resting && nanosUntilDue(id, plan, now) <= 0) {
                due.add(id);
            }
        });
        return due;
    }

    private long nanosUntilDue(ObjectId id, Plan plan, long now) {
        return Math.max(plan.dueAt - now, pace.nanosUntilOpen(id.kind(), now));
    }

    /**
     * Looks at an object, and writes what differs.
     *
     * @return whether the API server was asked
     */
    boolean write(ObjectId id) {
        Plan plan = Objects.requireNonNull(plans.get(id), "plan");
        Shown object = shown.get(id);
        long now = nanoClock.getAsLong();
        if (pace.nanosUntilOpen(id.kind(), now) > 0) {
            return false; // since it was found to be due
        }
        if (object != null && plan.reread) {
            plan.reread = false;
            object = readAnew(id, object);
        }
        ObjectStatus status = status(id, object);
        if (object != null && status == null && isRoute(id) && hasOurs(object) && !complete.getAsBoolean()) {
            plan.dueAt = now + BEHIND.toNanos() + delay(); // it may be that nothing is to be said of it any more
            return false;
        }
        if (object == null || status == null) {
            plans.remove(id);
            return false;
        }
        if (status.generation() < object.generation()) {
            rest(plan); // said of an older one: of this one something is said in a moment
            return false;
        }
        ObjectNode next = StatusMerge.of(object.status(), status, addressesOf(id), clock.instant());
        if (next == null) {
            plan.failures = 0;
            plan.conflicts = 0;
            rest(plan);
            signals.looked(id.kind(), Outcome.UNCHANGED);
            return false;
        }
        if (quarrels(plan, status, now, id)) {
            signals.looked(id.kind(), Outcome.DISPUTED);
            return false;
        }
        ObjectNode patch = JsonNodeFactory.instance.objectNode();
        patch.putObject("metadata").put("resourceVersion", object.resourceVersion());
        patch.set("status", next);
        plan.dueAt = now + WritePace.backOff(plan.failures + 1); // whatever is thrown
        try {
            answered(plan, id, api.patch(id, patch.toString()), now);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // closed
        }
        return true;
    }

    /** The informer has not shown what there is since a conflict: it may be long before it does. */
    private Shown readAnew(ObjectId id, Shown known) {
        try {
            Shown read = api.read(id);
            if (read != null && shown.replace(id, known, read)) {
                return read;
            }
            return shown.getOrDefault(id, known);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // closed
            return known;
        }
    }

    private @Nullable ObjectStatus status(ObjectId id, @Nullable Shown object) {
        ObjectStatus status = said.apply(id);
        if (status == null && object != null && complete.getAsBoolean() && isRoute(id) && hasOurs(object)) {
            return new ObjectStatus.OfRoute(id, object.generation(), List.of()); // it had a parent of ours
        }
        return status;
    }

    private void answered(Plan plan, ObjectId id, Answer answer, long now) {
        int code = answer.code();
        plan.behind = false;
        if (code / 100 == 2) {
            plan.failures = 0;
            plan.conflicts = 0;
            plan.writes++;
            pace.succeeded(id.kind());
            succeeded(id);
            rest(plan);
            signals.looked(id.kind(), Outcome.WRITTEN);
        } else if (code == HttpURLConnection.HTTP_CONFLICT) {
            pace.answered();
            plan.failures = 0;
            plan.conflicts++;
            boolean usual = plan.conflicts <= USUAL_CONFLICTS;
            plan.behind = usual; // what is shown next ends the waiting
            plan.reread = true;
            plan.dueAt = usual
                    ? now + BEHIND.toNanos() + delay()
                    : now + pace.jittered(WritePace.backOff(plan.conflicts - USUAL_CONFLICTS)) + delay();
            signals.looked(id.kind(), Outcome.CONFLICT);
        } else if (code == 0 || code == TOO_MANY_REQUESTS || code / 100 == 5) {
            pace.failed(answer.retryAfter(), now);
            plan.dueAt = now + delay();
            failed(id, code);
            boolean asked = code == TOO_MANY_REQUESTS || answer.retryAfter() != null;
            signals.looked(id.kind(), asked ? Outcome.THROTTLED : Outcome.FAILED);
        } else {
            pace.answered();
            if (code == HttpURLConnection.HTTP_FORBIDDEN || code == HttpURLConnection.HTTP_UNAUTHORIZED) {
                pace.refused(id.kind(), now);
            }
            plan.failures++;
            plan.dueAt = now + pace.jittered(WritePace.backOff(plan.failures)) + delay();
            failed(id, code);
            signals.looked(id.kind(), Outcome.REFUSED);
        }
    }

    /** Nothing is to be done until something changes. */
    private static void rest(Plan plan) {
        plan.resting = true;
    }

    /** Returns whether the same was written so often that it is left as it is for a while. */
    private boolean quarrels(Plan plan, ObjectStatus status, long now, ObjectId id) {
        boolean same = status.equals(plan.written)
                && now - plan.writtenSince
                        < REPEATED_WITHIN.plus(truce(plan.truces)).toNanos();
        if (!same) {
            plan.written = status;
            plan.writtenSince = now;
            plan.writes = 0;
            plan.truces = 0;
            return false;
        }
        if (plan.writes < REPEATS) {
            return false;
        }
        plan.truces++;
        plan.writes = REPEATS - 1;
        plan.writtenSince = now;
        plan.dueAt = now + truce(plan.truces).toNanos() + delay();
        if (plan.truces == 1) {
            logger.warn(
                    "the status of {} is written over by somebody else again and again (expected: nobody else with"
                            + " controllerName {}); it is left alone for {}, and then written again",
                    id,
                    ObjectStatus.CONTROLLER,
                    truce(1));
        }
        return true;
    }

    private static Duration truce(int truces) {
        if (truces == 0) {
            return Duration.ZERO;
        }
        Duration truce = Duration.ofMinutes(1L << Math.min(truces - 1, 4));
        return truce.compareTo(LAST_TRUCE) > 0 ? LAST_TRUCE : truce;
    }

    private long delay() {
        return random.nextLong(MIN_DELAY.toNanos(), MAX_DELAY.toNanos());
    }

    private void failed(ObjectId id, int code) {
        if (refused.add(id.kind() + " " + code)) {
            logger.warn(
                    "the status of {} is not written: {}; it is tried again, and so are those of other objects of this kind"
                            + " (the same is not said again)",
                    id,
                    switch (code) {
                        case HttpURLConnection.HTTP_FORBIDDEN ->
                            "403 Forbidden (expected: patch on its subresource status, as in kubernetes/gateway-api; or"
                                    + " xds-lb.control-plane.gateway-api.status=false)";
                        case HttpURLConnection.HTTP_NOT_FOUND -> "404 Not Found";
                        case 0 -> "no answer";
                        default -> "HTTP " + code;
                    });
        }
    }

    private void succeeded(ObjectId id) {
        if (refused.removeIf(what -> what.startsWith(id.kind() + " "))) {
            logger.info("statuses of kind {} are written again", id.kind().kubernetesName());
        }
    }

    private List<StatusMerge.Address> addressesOf(ObjectId id) {
        return id.kind() == ObjectId.Kind.GATEWAY
                ? addresses.getOrDefault(new GatewayKey(id.namespace(), id.name()), List.of())
                : List.of();
    }

    private static boolean isRoute(ObjectId id) {
        return id.kind() == ObjectId.Kind.HTTP_ROUTE || id.kind() == ObjectId.Kind.GRPC_ROUTE;
    }

    private static boolean hasOurs(Shown object) {
        for (JsonNode parent : object.status().path("parents")) {
            if (StatusMerge.isOurs(parent)) {
                return true;
            }
        }
        return false;
    }
}
