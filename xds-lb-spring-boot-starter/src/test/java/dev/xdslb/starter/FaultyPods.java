/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.starter;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.xdslb.cluster.Cluster;
import dev.xdslb.cluster.ClusterRegistry;
import dev.xdslb.cluster.EndpointSource;
import dev.xdslb.endpoint.Endpoint;
import dev.xdslb.endpoint.EndpointSnapshot;
import dev.xdslb.load.EndpointLoad;
import dev.xdslb.policy.Pool;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.springframework.context.ApplicationContext;

/** Services of real servers, each of which can be made to misbehave, and the source that knows them. */
final class FaultyPods implements EndpointSource {
    /** What a pod does. */
    enum Behaviour {
        ANSWERS,
        ANSWERS_500,
        REFUSES,
        RESETS_WITHIN_THE_BODY,
        HANGS,
        IS_SLOW,
        STREAMS
    }

    private static final byte[] BODY = "{\"n\":1}".getBytes(StandardCharsets.UTF_8);
    private static final int SLOW_MILLIS = 200;

    static {
        System.setProperty("sun.net.httpserver.nodelay", "true"); // or headers and body are 40 ms apart
    }

    private final Map<String, EndpointSnapshot> snapshots = new ConcurrentHashMap<>();
    private final List<Pod> all = new ArrayList<>();
    private final CountDownLatch closing = new CountDownLatch(1);
    private final ExecutorService threads = Executors.newCachedThreadPool();

    /** Makes pods of a service in namespace {@code shop} that answer. */
    List<Pod> service(String name, int pods) throws IOException {
        List<Pod> made = new ArrayList<>();
        for (int i = 0; i < pods; i++) {
            made.add(new Pod(name + '-' + i));
        }
        all.addAll(made);
        String resource = name + ".shop";
        snapshots.put(
                resource,
                new EndpointSnapshot(
                        resource, "1", made.stream().map(Pod::endpoint).toList()));
        return made;
    }

    /** Returns what an application measures of a service's endpoints, of which all may be picked at the moment. */
    static List<EndpointLoad> loads(ApplicationContext application, String service) {
        Cluster cluster = application.getBean(ClusterRegistry.class).cluster(service + ".shop");
        cluster.settled().toCompletableFuture().join();
        Pool pool = cluster.picker().plan().groups().get(0);
        return IntStream.range(0, pool.size())
                .mapToObj(i -> pool.get(i).endpointLoad())
                .toList();
    }

    @Override
    public Subscription subscribe(String resource, Watcher watcher) {
        EndpointSnapshot snapshot = snapshots.get(resource);
        threads.execute(() -> {
            if (snapshot == null) {
                watcher.onAbsent("there is no " + resource);
            } else {
                watcher.onSnapshot(snapshot);
            }
        });
        return () -> {};
    }

    @Override
    public String description() {
        return "control plane of the test";
    }

    @Override
    public void close() {
        closing.countDown();
        all.forEach(pod -> pod.server.stop(0));
        threads.shutdownNow();
    }

    /** One server. */
    final class Pod {
        private final String name;
        private final HttpServer server;
        private final AtomicInteger requests = new AtomicInteger();
        private volatile Behaviour behaviour = Behaviour.ANSWERS;

        private Pod(String name) throws IOException {
            this.name = name;
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
            server.setExecutor(threads);
            server.createContext("/", this::handle);
            server.start();
        }

        Endpoint endpoint() {
            return Endpoint.builder("127.0.0.1", port())
                    .pod(name, "uid-" + name)
                    .build();
        }

        int port() {
            return server.getAddress().getPort();
        }

        int requests() {
            return requests.get();
        }

        void behave(Behaviour newBehaviour) {
            behaviour = newBehaviour;
            if (newBehaviour == Behaviour.REFUSES) {
                server.stop(0);
            }
        }

        private void handle(HttpExchange exchange) throws IOException {
            requests.incrementAndGet();
            exchange.getRequestBody().readAllBytes();
            switch (behaviour) {
                case HANGS -> pause(TimeUnit.MINUTES.toMillis(1));
                case IS_SLOW -> pause(SLOW_MILLIS);
                default -> {}
            }
            if (behaviour == Behaviour.STREAMS) {
                stream(exchange);
                return;
            }
            boolean resets = behaviour == Behaviour.RESETS_WITHIN_THE_BODY;
            exchange.getResponseHeaders().set("Content-Type", "application/json");
            exchange.sendResponseHeaders(behaviour == Behaviour.ANSWERS_500 ? 500 : 200, resets ? 1000 : BODY.length);
            exchange.getResponseBody().write(BODY);
            if (resets) {
                exchange.getResponseBody().flush();
                throw new IOException("closes the connection");
            }
            exchange.close();
        }

        /** Sends events until nobody listens. */
        private void stream(HttpExchange exchange) throws IOException {
            exchange.getResponseHeaders().set("Content-Type", "text/event-stream");
            exchange.sendResponseHeaders(200, 0);
            while (closing.getCount() > 0) {
                exchange.getResponseBody().write("data: 1\n\n".getBytes(StandardCharsets.UTF_8));
                exchange.getResponseBody().flush();
                pause(20);
            }
            exchange.close();
        }

        private void pause(long millis) {
            try {
                boolean unused = closing.await(millis, TimeUnit.MILLISECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
