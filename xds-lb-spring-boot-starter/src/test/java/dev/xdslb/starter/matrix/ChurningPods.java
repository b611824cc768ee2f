/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.starter.matrix;

import dev.xdslb.cluster.EndpointSource;
import dev.xdslb.endpoint.Endpoint;
import dev.xdslb.endpoint.EndpointSnapshot;
import io.netty.channel.Channel;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import reactor.netty.Connection;
import reactor.netty.DisposableServer;
import reactor.netty.http.server.HttpServer;
import reactor.netty.http.server.HttpServerRequest;
import reactor.netty.http.server.HttpServerResponse;
import reactor.netty.resources.LoopResources;

/**
 * Pods of which one goes and another comes, several times a second, and the control plane that knows them. All services have the same ones.
 * Each pod has an address of its own on the loopback interface, that no other pod ever has. Some refuse connections, or let them wait.
 *
 * <p>One that goes does so in either order: its connections are reset first, or it is gone from the endpoints first.
 */
final class ChurningPods implements EndpointSource {
    private static final int PODS = 6;
    private static final long EVERY_MILLIS = 200;
    private static final int MOST_LAG_MILLIS = 150;

    private final RandomGenerator random;
    private final LoopResources loop = LoopResources.create("pods");
    private final DisposableServer http;
    private final int closedPort;
    private final ServerSocket full;
    private final List<SocketChannel> waiting = new ArrayList<>();
    private final ExecutorService grpcThreads = Executors.newFixedThreadPool(2);
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor();

    /** The connections of each pod that is there, by its address. */
    private final Map<String, Set<Channel>> connections = new ConcurrentHashMap<>();

    private final Map<String, Watcher> watchers = new ConcurrentHashMap<>(); // by service; called on the thread only
    private final List<Pod> pods = new ArrayList<>(); // touched on the thread only
    private final AtomicLong requests = new AtomicLong();
    private final AtomicInteger born = new AtomicInteger();
    private volatile @Nullable ScheduledFuture<?> churning; // null before it begins

    /** A pod. */
    private record Pod(int number, String address, int httpPort, GrpcPod grpc) {
        Endpoint of(String service) {
            return Endpoint.builder(address, service.startsWith("grpc-") ? grpc.port() : httpPort)
                    .pod(service + '-' + number, "uid-" + service + '-' + number) // or all services would count as one
                    .build();
        }
    }

    ChurningPods(RandomGenerator random) throws IOException {
        this.random = random;
        http = HttpServer.create()
                .runOn(loop)
                .host("0.0.0.0")
                .port(0)
                .doOnConnection(this::connected)
                .handle(this::answer)
                .bindNow();
        try (ServerSocket closed = new ServerSocket(0)) {
            closedPort = closed.getLocalPort();
        }
        full = new ServerSocket(0, 1);
        for (int i = 0; i < 4; i++) { // more than it lets wait: the next one gets no answer at all
            SocketChannel channel = SocketChannel.open();
            channel.configureBlocking(false);
            channel.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), full.getLocalPort()));
            waiting.add(channel);
        }
        for (int i = 0; i < PODS; i++) {
            pods.add(born(true));
        }
    }

    /** Begins to exchange pods. */
    void churn() {
        churning = thread.scheduleAtFixedRate(this::exchange, EVERY_MILLIS, EVERY_MILLIS, TimeUnit.MILLISECONDS);
    }

    /** Lets the pods be that are there. */
    void settle() {
        ScheduledFuture<?> churn = churning;
        if (churn != null) {
            churn.cancel(false);
        }
    }

    /** Returns how many pods there have been. */
    int born() {
        return born.get();
    }

    /** Returns how many HTTP requests have come. */
    long requests() {
        return requests.get();
    }

    private Pod born(boolean well) throws IOException {
        int number = born.incrementAndGet();
        String address = "127." + (1 + number / 62_500) + '.' + (1 + number / 250 % 250) + '.' + (1 + number % 250);
        connections.put(address, ConcurrentHashMap.newKeySet());
        int kind = well ? 0 : random.nextInt(20);
        int port = kind == 1 ? closedPort : kind == 2 ? full.getLocalPort() : http.port();
        return new Pod(number, address, port, new GrpcPod(grpcThreads));
    }

    private void exchange() {
        try {
            Pod going = pods.set(random.nextInt(PODS), born(false));
            long lag = random.nextInt(MOST_LAG_MILLIS);
            if (random.nextBoolean()) {
                kill(going);
                var unused = thread.schedule(() -> tell(), lag, TimeUnit.MILLISECONDS);
            } else {
                tell();
                var unused = thread.schedule(() -> kill(going), lag, TimeUnit.MILLISECONDS);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void kill(Pod pod) {
        pod.grpc.kill();
        Set<Channel> open = connections.remove(pod.address);
        if (open != null) {
            for (Channel channel : open) {
                var unused = channel.close();
            }
        }
    }

    private void connected(Connection connection) {
        Channel channel = connection.channel();
        String address =
                ((InetSocketAddress) channel.localAddress()).getAddress().getHostAddress();
        Set<Channel> open = connections.get(address);
        if (open == null) { // its pod is gone
            var unused = channel.close();
            return;
        }
        open.add(channel);
        var unused = channel.closeFuture().addListener(closed -> open.remove(channel));
    }

    private Publisher<Void> answer(HttpServerRequest request, HttpServerResponse response) {
        String[] path = request.uri().substring(1).split("/", 2);
        long number = requests.incrementAndGet();
        return Answers.to(path[0], 1 + (int) (number % 2), response);
    }

    private void tell() {
        watchers.forEach(this::tell);
    }

    private void tell(String resource, Watcher watcher) {
        String service = resource.substring(0, resource.indexOf('.'));
        List<Endpoint> endpoints = service.startsWith("no-endpoint-")
                ? List.of()
                : pods.stream().map(pod -> pod.of(service)).toList();
        watcher.onSnapshot(new EndpointSnapshot(resource, born.toString(), endpoints));
    }

    @Override
    public Subscription subscribe(String resource, Watcher watcher) {
        thread.execute(() -> {
            watchers.put(resource, watcher);
            tell(resource, watcher);
        });
        return () -> watchers.remove(resource, watcher);
    }

    @Override
    public String description() {
        return "control plane of the test";
    }

    /** Ends the control plane, as an application does with it. */
    @Override
    public void close() {
        watchers.clear();
    }

    /** Ends all. */
    void stop() {
        thread.shutdownNow();
        pods.forEach(this::kill);
        grpcThreads.shutdownNow();
        http.disposeNow();
        loop.disposeLater().block();
        try {
            for (SocketChannel channel : waiting) {
                channel.close();
            }
            full.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
