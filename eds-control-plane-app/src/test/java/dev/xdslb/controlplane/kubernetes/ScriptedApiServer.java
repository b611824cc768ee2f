/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.kubernetes;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.QueryStringDecoder;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketServerHandshaker;
import io.netty.handler.codec.http.websocketx.WebSocketServerHandshakerFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * An API server of lists in pages and of watches over WebSockets, on the loopback, which does what no real one can be made to do: it
 * falls silent with its connections open, it takes long for a list, it stops within one.
 *
 * <p>All state is confined to its one event loop but for what tests set and read.
 */
final class ScriptedApiServer implements AutoCloseable {
    private final KubernetesSerialization serialization = new KubernetesSerialization();
    private final MultiThreadIoEventLoopGroup loop = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private final Channel server;
    private final Map<String, NavigableMap<String, HasMetadata>> objects =
            new ConcurrentHashMap<>(); // by plural, by key
    private final Map<Channel, String> watches = new ConcurrentHashMap<>(); // the plural that is watched
    private final Set<Channel> connections = ConcurrentHashMap.newKeySet();
    private final Set<Channel> mute = ConcurrentHashMap.newKeySet();
    private final List<String> lists = new CopyOnWriteArrayList<>();
    private volatile Duration listDelay = Duration.ZERO;
    private final AtomicLong version = new AtomicLong(1);

    ScriptedApiServer() {
        server = new ServerBootstrap()
                .group(loop)
                .channel(NioServerSocketChannel.class)
                .childHandler(new ChannelInitializer<SocketChannel>() {
                    @Override
                    protected void initChannel(SocketChannel channel) {
                        connections.add(channel);
                        channel.closeFuture().addListener(closed -> {
                            connections.remove(channel);
                            watches.remove(channel);
                            mute.remove(channel);
                        });
                        channel.pipeline()
                                .addLast(new HttpServerCodec(), new HttpObjectAggregator(1 << 20), new Requests());
                    }
                })
                .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .syncUninterruptibly()
                .channel();
    }

    /** Returns how to reach it, as informers do. */
    Config config() {
        int port = ((InetSocketAddress) server.localAddress()).getPort();
        return ApiConnection.of(new ConfigBuilder(Config.empty())
                .withMasterUrl("http://127.0.0.1:" + port)
                .build());
    }

    /** Adds or changes an object, and tells the watches. */
    void put(String yaml) {
        HasMetadata object = serialization.unmarshal(yaml, HasMetadata.class);
        run(() -> {
            object.getMetadata().setResourceVersion(String.valueOf(version.incrementAndGet()));
            HasMetadata before = ofKind(object.getPlural()).put(key(object), object);
            tell(object.getPlural(), before == null ? "ADDED" : "MODIFIED", object);
        });
    }

    /** Takes an object away, and tells the watches. */
    void remove(String yaml) {
        HasMetadata object = serialization.unmarshal(yaml, HasMetadata.class);
        run(() -> {
            HasMetadata before = ofKind(object.getPlural()).remove(key(object));
            before.getMetadata().setResourceVersion(String.valueOf(version.incrementAndGet()));
            tell(object.getPlural(), "DELETED", before);
        });
    }

    /** Tells every watch how far this is, and returns that. */
    String bookmark() {
        run(() -> {
            version.incrementAndGet();
            watches.forEach(
                    (channel, plural) -> send(channel, """
                    {"type":"BOOKMARK","object":{"kind":"%s","apiVersion":"%s","metadata":{"resourceVersion":"%d"}}}
                    """.formatted(kind(plural), apiVersion(plural), version.get())));
        });
        return version.toString();
    }

    /** The connections of now stay open, and nothing is sent over them any more, nor heard. */
    void fallSilent() {
        run(() -> mute.addAll(connections));
    }

    /** Lets lists that are asked for from now on wait for so long. */
    void delayLists(Duration delay) {
        listDelay = delay;
    }

    /** Returns the lists that were asked for, each page as path and query. */
    List<String> lists() {
        return List.copyOf(lists);
    }

    /** Returns how many watches are open that are not mute. */
    int watches() {
        return (int) watches.keySet().stream()
                .filter(channel -> !mute.contains(channel))
                .count();
    }

    @Override
    public void close() {
        server.close().syncUninterruptibly();
        loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
    }

    private void run(Runnable change) {
        loop.submit(change).syncUninterruptibly();
    }

    private NavigableMap<String, HasMetadata> ofKind(String plural) {
        return objects.computeIfAbsent(plural, none -> new TreeMap<>());
    }

    private void tell(String plural, String type, HasMetadata object) {
        String event = "{\"type\":\"" + type + "\",\"object\":" + serialization.asJson(object) + "}";
        watches.forEach((channel, watched) -> {
            if (watched.equals(plural)) {
                send(channel, event);
            }
        });
    }

    private void send(Channel channel, String event) {
        if (!mute.contains(channel)) {
            var unused = channel.writeAndFlush(new TextWebSocketFrame(event));
        }
    }

    private FullHttpResponse list(String plural, Map<String, List<String>> query) {
        int limit =
                Integer.parseInt(query.getOrDefault("limit", List.of("1000000")).get(0));
        String after = query.getOrDefault("continue", List.of("")).get(0);
        Iterator<HasMetadata> from =
                ofKind(plural).tailMap(after, false).values().iterator();
        List<String> items = new ArrayList<>();
        String last = "";
        while (from.hasNext() && items.size() < limit) {
            HasMetadata object = from.next();
            items.add(serialization.asJson(object));
            last = key(object);
        }
        String body = """
                {"kind":"%sList","apiVersion":"%s","metadata":{"resourceVersion":"%d","continue":"%s"},"items":[%s]}
                """.formatted(
                kind(plural), apiVersion(plural), version.get(), from.hasNext() ? last : "", String.join(",", items));
        FullHttpResponse response = new DefaultFullHttpResponse(
                HttpVersion.HTTP_1_1, HttpResponseStatus.OK, Unpooled.copiedBuffer(body, StandardCharsets.UTF_8));
        response.headers().set(HttpHeaderNames.CONTENT_TYPE, "application/json");
        response.headers()
                .set(HttpHeaderNames.CONTENT_LENGTH, response.content().readableBytes());
        return response;
    }

    private static String key(HasMetadata object) {
        return object.getMetadata().getNamespace() + "/" + object.getMetadata().getName();
    }

    private static String kind(String plural) {
        return switch (plural) {
            case "nodes" -> "Node";
            case "pods" -> "Pod";
            case "services" -> "Service";
            case "endpointslices" -> "EndpointSlice";
            default -> throw new IllegalArgumentException(plural);
        };
    }

    private static String apiVersion(String plural) {
        return plural.equals("endpointslices") ? "discovery.k8s.io/v1" : "v1";
    }

    private final class Requests extends SimpleChannelInboundHandler<Object> {
        @Override
        protected void channelRead0(ChannelHandlerContext context, Object message) {
            Channel channel = context.channel();
            if (mute.contains(channel)) {
                return;
            }
            if (message instanceof FullHttpRequest request) {
                QueryStringDecoder uri = new QueryStringDecoder(request.uri());
                String plural = uri.path().substring(uri.path().lastIndexOf('/') + 1);
                if (uri.parameters().containsKey("watch")) {
                    watch(channel, plural, request);
                } else {
                    lists.add(request.uri());
                    var unused = loop.schedule(
                            () -> {
                                if (!mute.contains(channel)) {
                                    channel.writeAndFlush(list(plural, uri.parameters()))
                                            .addListener(ChannelFutureListener.CLOSE_ON_FAILURE);
                                }
                            },
                            listDelay.toMillis(),
                            TimeUnit.MILLISECONDS);
                }
            } else if (message instanceof CloseWebSocketFrame close) {
                channel.writeAndFlush(close.retain()).addListener(ChannelFutureListener.CLOSE);
            } else if (!(message instanceof WebSocketFrame)) {
                throw new IllegalArgumentException("message: " + message);
            }
        }

        private void watch(Channel channel, String plural, FullHttpRequest request) {
            WebSocketServerHandshaker handshaker = new WebSocketServerHandshakerFactory(
                            "ws://127.0.0.1" + request.uri(), null, false)
                    .newHandshaker(request);
            handshaker.handshake(channel, request).addListener(done -> watches.put(channel, plural));
        }
    }
}
