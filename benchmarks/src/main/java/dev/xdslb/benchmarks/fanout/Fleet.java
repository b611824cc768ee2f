/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.benchmarks.fanout;

import io.grpc.netty.GrpcSslContexts;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.Map;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * All streams, on one event loop. A stream that ends without having been told to comes back a little later, with what it holds.
 *
 * <p>The arrays and streams are the event loop's. The counts are written by it and read by whoever waits for them.
 */
final class Fleet implements AutoCloseable {
    /** Connections that are not in sync yet, at the same time: beyond a server's backlog they would only wait for each other. */
    private static final int CONNECTING = 128;

    private static final int RETRY_MILLIS = 300;
    private static final int POLL_MILLIS = 2;
    private static final int NOT_HELD = -1;

    private final Changes changes;
    private final LeanRequests requests;
    private final Bootstrap bootstrap;
    private final @Nullable SslContext tls; // null without
    private final MultiThreadIoEventLoopGroup group = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private final EventLoop loop = group.next();
    private final ResponseScan scan = new ResponseScan();

    private final Member[] members;
    private final Deque<Member> waiting = new ArrayDeque<>();
    private final int[] wanted; // by service: the change without which a stream is not in sync
    private final int port;
    private int connecting;
    private boolean closing;
    private Deliveries deliveries = Deliveries.NONE;

    private final AtomicInteger inSync = new AtomicInteger();
    private final AtomicLong bytes = new AtomicLong();
    private final AtomicLong resentBytes = new AtomicLong();
    private final AtomicInteger ended = new AtomicInteger(); // streams, without having been told to

    Fleet(FanOutSizes sizes, boolean delta, int port) {
        this.changes = new Changes(sizes);
        this.requests = new LeanRequests(changes, delta);
        this.port = port;
        this.tls = sizes.tls() ? tls() : null;
        this.bootstrap =
                new Bootstrap().group(loop).channel(NioSocketChannel.class).option(ChannelOption.TCP_NODELAY, true);
        this.members = new Member[sizes.streams()];
        this.wanted = new int[sizes.services()];
        for (int stream = 0; stream < members.length; stream++) {
            members[stream] = new Member(stream, changes.subscriptions());
        }
        Arrays.setAll(wanted, service -> service);
    }

    /** One client: what it holds, and its connection. */
    private final class Member implements LeanStream.Listener {
        private final int number;
        private final int[] seen; // by subscription: the newest change
        private final @Nullable String[] versions; // by subscription
        private @Nullable LeanStream stream; // null while there is none
        private boolean synced;

        Member(int number, int subscriptions) {
            this.number = number;
            this.seen = new int[subscriptions];
            this.versions = new String[subscriptions];
            Arrays.fill(seen, NOT_HELD);
        }

        void connect() {
            LeanStream made = new LeanStream(requests.path(), requests.first(number, versions), this);
            stream = made;
            bootstrap
                    .clone()
                    .handler(new ChannelInitializer<>() {
                        @Override
                        protected void initChannel(Channel channel) {
                            if (tls != null) {
                                channel.pipeline().addLast(tls.newHandler(channel.alloc()));
                            }
                            channel.pipeline().addLast(made);
                        }
                    })
                    .connect("127.0.0.1", port)
                    .addListener(connected -> {
                        if (!connected.isSuccess()) {
                            ended(made);
                        }
                    });
        }

        @Override
        public void response(LeanStream from, byte[] message) {
            long now = System.nanoTime();
            scan.scan(message, requests.delta(), (change, size, version) -> {
                int slot = change < 0 ? -1 : changes.slot(number, changes.serviceOf(change));
                if (slot < 0) {
                    throw new IllegalStateException("stream " + number + " was sent change " + change
                            + " (expected: one of a service that it has subscribed to)");
                }
                if (change > seen[slot]) {
                    deliveries.add(change, seen[slot], now);
                    seen[slot] = change;
                } else {
                    resentBytes.addAndGet(size);
                }
                versions[slot] = version;
            });
            from.send(requests.ack(number, scan.version(), scan.nonce()));
            look();
        }

        @Override
        public void frame(int size) {
            bytes.addAndGet(size);
        }

        @Override
        public void ended(LeanStream from) {
            if (stream != from) {
                return;
            }
            stream = null;
            if (synced) {
                synced = false;
                inSync.decrementAndGet();
            } else {
                connecting--;
            }
            if (!closing) {
                ended.incrementAndGet();
                Future<?> unused = loop.schedule(
                        () -> {
                            waiting.add(this);
                            connectMore();
                        },
                        RETRY_MILLIS,
                        TimeUnit.MILLISECONDS);
            }
        }

        private void look() {
            if (synced) {
                return;
            }
            for (int n = 0; n < seen.length; n++) {
                if (seen[n] < wanted[changes.subscribed(number, n)]) {
                    return;
                }
            }
            synced = true;
            inSync.incrementAndGet();
            connecting--;
            connectMore();
        }
    }

    /** Connects all streams, and returns when each has all that it has subscribed to; the time in ms, or what is missing. */
    double connect(int limitSeconds) throws InterruptedException {
        long start = System.nanoTime();
        loop.execute(() -> {
            waiting.addAll(Arrays.asList(members));
            connectMore();
        });
        awaitSync(start, limitSeconds);
        return (System.nanoTime() - start) / 1e6;
    }

    /** Waits until all streams are in sync. */
    void awaitSync(long startNanos, int limitSeconds) throws InterruptedException {
        while (inSync.get() < members.length) {
            if (System.nanoTime() - startNanos > TimeUnit.SECONDS.toNanos(limitSeconds)) {
                throw new IllegalStateException(inSync + " of " + members.length + " streams are in sync after "
                        + limitSeconds + " s, and " + ended + " have ended");
            }
            Thread.sleep(POLL_MILLIS);
        }
    }

    /** Waits until no stream is in sync any more. */
    void awaitAllGone(int limitSeconds) throws InterruptedException {
        long start = System.nanoTime();
        while (inSync.get() > 0) {
            if (System.nanoTime() - start > TimeUnit.SECONDS.toNanos(limitSeconds)) {
                throw new IllegalStateException(inSync + " streams have not noticed that the server is gone");
            }
            Thread.sleep(POLL_MILLIS);
        }
    }

    /** Begins a round. Returns where the times are found. */
    Deliveries expect(int first, int count, long startNanos, long intervalNanos) {
        Deliveries round = new Deliveries(changes.previous(first + count), first, startNanos, intervalNanos);
        onLoop(() -> deliveries = round);
        return round;
    }

    /** From now on streams are in sync when they have these changes, by service. To be called when no connection is left. */
    void serverRestarts(Map<Integer, Integer> later) {
        onLoop(() -> {
            later.forEach((service, change) -> wanted[service] = change);
            bytes.set(0);
            resentBytes.set(0);
        });
    }

    /** Makes the last streams stop reading, or go on. */
    void read(int last, boolean on) {
        onLoop(() -> {
            for (int i = members.length - last; i < members.length; i++) {
                LeanStream stream = members[i].stream;
                if (stream != null) {
                    stream.read(on);
                }
            }
        });
    }

    /** Ends the last streams, which do not come back. */
    void end(int last) {
        onLoop(() -> {
            for (int i = members.length - last; i < members.length; i++) {
                LeanStream stream = members[i].stream;
                members[i].stream = null;
                if (stream != null) {
                    stream.close();
                }
            }
        });
    }

    /** Returns to how many of the first streams a change is to be delivered, for each service. */
    int[] subscribers(int streams) {
        int[] subscribers = new int[changes.services()];
        for (int stream = 0; stream < streams; stream++) {
            for (int n = 0; n < changes.subscriptions(); n++) {
                subscribers[changes.subscribed(stream, n)]++;
            }
        }
        return subscribers;
    }

    Changes changes() {
        return changes;
    }

    int size() {
        return members.length;
    }

    int inSync() {
        return inSync.get();
    }

    /** Returns how many bytes of frames have come. */
    long bytes() {
        return bytes.get();
    }

    /** Returns how many bytes of resources have come that the stream had already. */
    long resentBytes() {
        return resentBytes.get();
    }

    /** Returns how many streams have ended that were to stay. */
    int ended() {
        return ended.get();
    }

    @Override
    public void close() {
        onLoop(() -> closing = true);
        end(members.length);
        group.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
    }

    private void connectMore() {
        while (connecting < CONNECTING && !waiting.isEmpty()) {
            connecting++;
            waiting.remove().connect();
        }
    }

    private void onLoop(Runnable task) {
        loop.submit(task).syncUninterruptibly();
    }

    private static SslContext tls() {
        try {
            return GrpcSslContexts.forClient()
                    .trustManager(InsecureTrustManagerFactory.INSTANCE)
                    .build();
        } catch (SSLException e) {
            throw new IllegalStateException("no TLS on this machine", e);
        }
    }
}
