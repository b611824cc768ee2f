/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.sample.backend;

import java.time.Duration;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import reactor.core.publisher.Mono;

/**
 * What a pod does with a request, whatever protocol brought it: takes its time, fails when told to, refuses when
 * overloaded.
 *
 * <p>Each client has the capacity of the pod to itself. Clients that are compared with one another thus meet equal pods,
 * and none suffers from the load that another one has piled up.
 */
final class PodWork {
    /** Requests of one client that a pod handles at a time. */
    static final int WORKERS = 4;

    /** The longest that a request waits for a worker; then the pod calls itself overloaded. */
    static final Duration MAX_WAIT = Duration.ofSeconds(1);

    private final Behaviour behaviour;
    private final ConcurrentHashMap<String, Workers> workers = new ConcurrentHashMap<>();
    private final AtomicInteger inFlight = new AtomicInteger();

    PodWork(Behaviour behaviour) {
        this.behaviour = behaviour;
    }

    /**
     * Does one request. Completes when it is done.
     *
     * @param client who asks; few different values, as each keeps a little memory
     */
    Mono<Result> request(String client) {
        if (behaviour.isFailing()) {
            return Mono.just(Result.FAILED);
        }
        long now = System.nanoTime();
        long nanos = workers.computeIfAbsent(client, key -> new Workers(WORKERS, MAX_WAIT.toNanos(), now))
                .accept(now, behaviour.nextServiceNanos(ThreadLocalRandom.current()));
        if (nanos < 0) {
            return Mono.just(Result.OVERLOADED);
        }
        inFlight.incrementAndGet();
        return Mono.delay(Duration.ofNanos(nanos))
                .thenReturn(Result.DONE)
                .doFinally(signal -> inFlight.decrementAndGet());
    }

    /** Returns the number of requests that wait or are worked on. */
    int inFlight() {
        return inFlight.get();
    }

    /** How a request ends. */
    enum Result {
        DONE,
        FAILED,
        OVERLOADED
    }
}
