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
 *                                                       └──▶ conflict: when the informer shows the newer one, or in 10 s
 *                                                       └──▶ refused: again in 1, 2, 4 … 60 s, said once
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

    private static final Duration FIRST_RETRY = Duration.ofSeconds(1);
    private static final Duration LAST_RETRY = Duration.ofMinutes(1);

    /** A conflict says that there is a newer object. An informer shows it within seconds. */
    private static final Duration BEHIND = Duration.ofSeconds(10);

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
    private final Loop loop;

    private final Map<ObjectId, Shown> shown = new ConcurrentHashMap<>();
    private final Set<ObjectId> changed = new LinkedHashSet<>(); // guarded by itself
    private final Map<ObjectId, Plan> plans = new HashMap<>(); // confined to the loop's thread, as the next
    private final Set<String> refused = new HashSet<>(); // kinds of objects, and how; as said in the log

    /** How statuses are written. */
    interface Api {
        /**
         * Merges a patch into the status of an object.
         *
         * @return the HTTP status; 0 where there was no answer
         */
        int patch(ObjectId id, String patch) throws InterruptedException;
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
        private boolean behind; // the informer has not shown the newer object yet
        private int failures; // one after the other
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
            RandomGenerator random) {
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
        for (Plan plan : plans.values()) {
            wait = plan.resting ? wait : Math.min(wait, plan.dueAt - now);
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
                plan.behind = false;
                plan.dueAt = now + delay();
            }
        }
        List<ObjectId> due = new ArrayList<>();
        plans.forEach((id, plan) -> {
            if (!plan.resting && plan.dueAt - now <= 0) {
                due.add(id);
            }
        });
        return due;
    }

    /**
     * Looks at an object, and writes what differs.
     *
     * @return whether the API server was asked
     */
    boolean write(ObjectId id) {
        Plan plan = Objects.requireNonNull(plans.get(id), "plan");
        Shown object = shown.get(id);
        ObjectStatus status = status(id, object);
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
            rest(plan);
            return false;
        }
        long now = nanoClock.getAsLong();
        if (quarrels(plan, status, now, id)) {
            return false;
        }
        ObjectNode patch = JsonNodeFactory.instance.objectNode();
        patch.putObject("metadata").put("resourceVersion", object.resourceVersion());
        patch.set("status", next);
        plan.dueAt = now + backOff(plan.failures + 1); // whatever is thrown
        try {
            answered(plan, id, api.patch(id, patch.toString()), now);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // closed
        }
        return true;
    }

    private @Nullable ObjectStatus status(ObjectId id, @Nullable Shown object) {
        ObjectStatus status = said.apply(id);
        if (status == null && object != null && complete.getAsBoolean() && isRoute(id) && hasOurs(object)) {
            return new ObjectStatus.OfRoute(id, object.generation(), List.of()); // it had a parent of ours
        }
        return status;
    }

    private void answered(Plan plan, ObjectId id, int code, long now) {
        if (code / 100 == 2) {
            plan.failures = 0;
            plan.writes++;
            succeeded(id);
            rest(plan);
        } else if (code == HttpURLConnection.HTTP_CONFLICT) {
            plan.failures = 0;
            plan.behind = true; // what is shown next ends the waiting
            plan.dueAt = now + BEHIND.toNanos() + delay();
        } else {
            plan.failures++;
            plan.dueAt = now + backOff(plan.failures) + delay();
            failed(id, code);
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

    private static long backOff(int failures) {
        return Math.min(FIRST_RETRY.toNanos() << Math.min(failures - 1, 10), LAST_RETRY.toNanos());
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
