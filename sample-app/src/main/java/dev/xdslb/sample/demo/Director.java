/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.sample.demo;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Goes through the scenarios, by script or as a spectator wishes. One thread directs; spectators leave their wishes in a
 * queue; the views read what was said last, under the lock of this object.
 */
final class Director {
    private static final Duration SCENE = Duration.ofSeconds(12);
    private static final Duration PAUSE = Duration.ofSeconds(5);

    /** Class loading and compilation shall not be measured. They are over when the clients keep up with their load. */
    private static final Duration WARM_UP = Load.RAMP.plusSeconds(ClientKind.XDS_LB_HTTP.liveSeconds());

    private static final Duration MAX_WARM_UP = Duration.ofSeconds(45);

    /** A client keeps up when nothing fails and the median is less than this many service times: nothing waits for long. */
    private static final double KEEPS_UP = 1.5;

    /** A pod takes part when it gets at least this share of the mean: it is not left out for failures of the start. */
    private static final double TAKES_PART = 0.5;

    /** Once every client knows the pods that are ready, for the requests that are still under way. */
    private static final Duration SETTLE = Duration.ofSeconds(1);

    private static final Duration MAX_SETTLE = Duration.ofSeconds(15);

    /** The healthy service is measured longer than each trouble: an even spread shows only in many requests. */
    private static final int HEALTHY_SHARE = 5;

    private static final int TROUBLE_SHARE = 2;

    private static final int EVENTS = 30;
    private static final int MAX_WISHES = 10;

    private final Troubles troubles;
    private final Fleet fleet;
    private final Tables tables;
    private final Measurements measurements;
    private final Duration serviceTime;
    private final Clock clock;
    private final Consumer<Event> audience;
    private final BlockingQueue<Wish> wishes = new LinkedBlockingQueue<>(MAX_WISHES);
    private final Deque<Event> events = new ArrayDeque<>(); // guarded by this
    private Scene scene = new Scene(Scenario.HEALTHY, "Getting ready.", true); // guarded by this

    Director(
            Troubles troubles,
            Fleet fleet,
            Tables tables,
            Measurements measurements,
            Duration serviceTime,
            Clock clock,
            Consumer<Event> audience) {
        this.troubles = troubles;
        this.fleet = fleet;
        this.tables = tables;
        this.measurements = measurements;
        this.serviceTime = serviceTime;
        this.clock = clock;
        this.audience = audience;
    }

    /** Goes through all scenarios once and returns what came of each. Takes a little longer than the given time. */
    List<ScenarioResult> measure(Duration total) throws InterruptedException {
        settle();
        warmUp();
        long share = total.toNanos() / (HEALTHY_SHARE + TROUBLE_SHARE * (Scenario.values().length - 1));
        List<ScenarioResult> results = new ArrayList<>();
        for (Scenario scenario : Scenario.values()) {
            Window window = begin(scenario, true);
            pause(Duration.ofNanos(share * (scenario == Scenario.HEALTHY ? HEALTHY_SHARE : TROUBLE_SHARE)));
            Set<String> ready = names(fleet.readyPods());
            measurements.openWindow();
            if (scenario != Scenario.HEALTHY) {
                heal(true);
            }
            settle();
            results.add(result(scenario, ready, window));
        }
        return results;
    }

    /** Goes through the scenarios again and again, until a spectator takes over; ends only by interruption. */
    void entertain() throws InterruptedException {
        settle();
        while (true) {
            Wish wish = null;
            for (Scenario scenario : Scenario.values()) {
                begin(scenario, true);
                wish = wishes.poll(SCENE.toMillis(), TimeUnit.MILLISECONDS);
                if (wish == null && scenario != Scenario.HEALTHY) {
                    heal(true);
                    wish = wishes.poll(PAUSE.toMillis(), TimeUnit.MILLISECONDS);
                }
                if (wish != null) {
                    break;
                }
            }
            while (wish != null && wish.kind() != Wish.Kind.SCRIPT) {
                grant(wish);
                wish = wishes.take();
            }
            heal(true);
        }
    }

    /** Asks for something as soon as possible; returns false where too many wishes are open. */
    boolean wish(Wish wish) {
        return wishes.offer(wish);
    }

    synchronized Scene scene() {
        return scene;
    }

    /** Returns what happened, the newest first. */
    synchronized List<Event> events() {
        return List.copyOf(events);
    }

    private void grant(Wish wish) {
        Scenario scenario = wish.trouble();
        if (scenario == null) {
            heal(false);
            return;
        }
        try {
            begin(scenario, false);
        } catch (IllegalStateException e) {
            say(scene().scenario(), scenario.title() + ": " + e.getMessage() + '.', false);
        }
    }

    private Window begin(Scenario scenario, boolean scripted) {
        Window window = measurements.openWindow();
        say(scenario, troubles.make(scenario), scripted);
        return window;
    }

    private void heal(boolean scripted) {
        say(Scenario.HEALTHY, troubles.heal(), scripted);
    }

    private void warmUp() throws InterruptedException {
        Instant end = clock.instant().plus(MAX_WARM_UP);
        pause(WARM_UP);
        while (!clientsKeepUp()) {
            if (clock.instant().isAfter(end)) {
                say(
                        Scenario.HEALTHY,
                        "This machine is too busy for the load: the figures will tell more of it than of the clients.",
                        true);
                return;
            }
            pause(Duration.ofMillis(200));
        }
    }

    private boolean clientsKeepUp() {
        double millis = serviceTime.toNanos() / 1e6 * KEEPS_UP;
        Set<String> ready = names(fleet.readyPods());
        return measurements.clients().stream().map(measurements::live).allMatch(live -> {
            double even = live.rate() / ready.size();
            return live.failed() == 0
                    && live.p50() < millis
                    && (live.client() == ClientKind.PINNED
                            || live.client() == ClientKind.ONE_BY_ONE // too few requests to tell
                            || ready.stream().allMatch(pod -> live.pod(pod).rate() > even * TAKES_PART));
        });
    }

    private void settle() throws InterruptedException {
        Instant end = clock.instant().plus(MAX_SETTLE);
        while (!clientsKnowAllPods()) {
            if (clock.instant().isAfter(end)) {
                say(scene().scenario(), "Not every client has heard of all pods; going on.", true);
                break;
            }
            pause(Duration.ofMillis(20));
        }
        pause(SETTLE);
    }

    private boolean clientsKnowAllPods() {
        Set<String> ready = names(fleet.readyPods());
        for (ClientKind client : measurements.clients()) {
            if (!tables.pods(client).equals(ready)) {
                return false;
            }
        }
        return true;
    }

    private ScenarioResult result(Scenario scenario, Set<String> pods, Window window) {
        Map<ClientKind, ClientFigures> figures = new EnumMap<>(ClientKind.class);
        for (ClientKind client : measurements.clients()) {
            figures.put(client, measurements.figures(window, client));
        }
        return new ScenarioResult(scenario, pods, figures);
    }

    private void say(Scenario scenario, String text, boolean scripted) {
        Event event = new Event(clock.instant(), text);
        synchronized (this) {
            scene = new Scene(scenario, text, scripted);
            events.addFirst(event);
            if (events.size() > EVENTS) {
                events.removeLast();
            }
        }
        audience.accept(event);
    }

    private static Set<String> names(List<DemoPod> pods) {
        return pods.stream().map(DemoPod::name).collect(Collectors.toUnmodifiableSet());
    }

    private static void pause(Duration time) throws InterruptedException {
        TimeUnit.NANOSECONDS.sleep(time.toNanos());
    }

    /**
     * What is played at the moment.
     *
     * @param said what was done to bring it about
     * @param scripted whether the script did it
     */
    record Scene(Scenario scenario, String said, boolean scripted) {}

    /** What was done, and when. */
    record Event(Instant at, String text) {}

    /** What a spectator asks for. */
    record Wish(Kind kind, @Nullable Scenario trouble) {
        static Wish trouble(Scenario trouble) {
            return new Wish(Kind.TROUBLE, trouble);
        }

        static final Wish HEAL = new Wish(Kind.HEAL, null);
        static final Wish SCRIPT = new Wish(Kind.SCRIPT, null);

        enum Kind {
            TROUBLE,
            HEAL,
            SCRIPT
        }
    }
}
