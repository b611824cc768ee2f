/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.e2e;

import static org.awaitility.Awaitility.await;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** Sends requests to one address over connections that it keeps alive, and remembers how each of them ended. */
final class Load {

    /** A request that takes longer counts as failed. */
    private static final Duration TIMEOUT = Duration.ofSeconds(10);

    private static final String BODY = "one more, please";

    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final URI address;
    private final List<String> methods;
    private final Map<String, String> headers;
    private final AtomicInteger count = new AtomicInteger();

    /**
     * Creates one.
     *
     * @param methods with which requests are sent in turn; GET where none is given
     */
    Load(URI address, String... methods) {
        this(address, Map.of(), methods);
    }

    /** Creates one that says something in each request. */
    Load(URI address, Map<String, String> headers, String... methods) {
        this.address = address;
        this.headers = headers;
        this.methods = methods.length == 0 ? List.of("GET") : List.of(methods);
    }

    Answer once() {
        return send().join();
    }

    /** Sends so many requests, at any time so many of them in flight. */
    Answers burst(int requests, int concurrency) {
        Queue<Answer> answers = new ConcurrentLinkedQueue<>();
        AtomicInteger left = new AtomicInteger(requests);
        List<CompletableFuture<Void>> lanes = new ArrayList<>();
        for (int lane = 0; lane < concurrency; lane++) {
            lanes.add(CompletableFuture.runAsync(
                    () -> {
                        while (left.getAndDecrement() > 0) {
                            answers.add(send().join());
                        }
                    },
                    command -> new Thread(command, "load").start()));
        }
        lanes.forEach(CompletableFuture::join);
        return new Answers(List.copyOf(answers));
    }

    /** Sends so many requests per second until it is told to stop, however long the answers take. */
    Steady atRate(int perSecond) {
        return new Steady(perSecond);
    }

    /** Waits until these pods, and no others, answer. */
    void awaitAnswersFrom(List<String> pods) {
        await("answers from " + pods)
                .atMost(Duration.ofSeconds(30))
                .until(() -> burst(100, 8).byPod(List.of()).keySet().equals(Set.copyOf(pods)));
    }

    private CompletableFuture<Answer> send() {
        long sentAt = System.nanoTime();
        String method = methods.get(Math.floorMod(count.getAndIncrement(), methods.size()));
        BodyPublisher body = method.equals("GET") ? BodyPublishers.noBody() : BodyPublishers.ofString(BODY);
        HttpRequest.Builder request =
                HttpRequest.newBuilder(address).method(method, body).timeout(TIMEOUT);
        headers.forEach(request::header);
        return client.sendAsync(request.build(), BodyHandlers.ofString())
                .handle((response, failure) -> failure == null
                        ? Answer.of(sentAt, System.nanoTime(), response.statusCode(), response.body())
                        : Answer.none(sentAt, System.nanoTime(), failure));
    }

    /** A load that goes on. */
    final class Steady implements AutoCloseable {

        private final ScheduledExecutorService clock =
                Executors.newSingleThreadScheduledExecutor(command -> new Thread(command, "load-clock"));
        private final Queue<CompletableFuture<Answer>> sent = new ConcurrentLinkedQueue<>();
        private final Future<?> ticking;
        private final int perSecond;

        private Steady(int perSecond) {
            this.perSecond = perSecond;
            ticking = clock.scheduleAtFixedRate(
                    () -> sent.add(send()), 0, TimeUnit.SECONDS.toNanos(1) / perSecond, TimeUnit.NANOSECONDS);
        }

        /** Lets the load go on for so many seconds, counted by what it sends. */
        void awaitSeconds(int seconds) {
            int target = sent.size() + seconds * perSecond;
            await(target + " requests sent")
                    .atMost(Duration.ofSeconds(seconds * 2L + 10))
                    .until(() -> sent.size() >= target);
        }

        /** Stops, waits for what is in flight, and returns the answers to everything that was sent. */
        Answers stop() {
            close();
            awaitLastTick();
            return new Answers(sent.stream().map(CompletableFuture::join).toList());
        }

        private void awaitLastTick() {
            try {
                if (!clock.awaitTermination(TIMEOUT.toSeconds(), TimeUnit.SECONDS)) {
                    throw new IllegalStateException("the load does not stop");
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }

        @Override
        public void close() {
            if (ticking.isDone() && !clock.isShutdown()) {
                throw new IllegalStateException("the load broke off after " + sent.size() + " requests");
            }
            clock.shutdown();
        }
    }
}
