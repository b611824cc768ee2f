/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.kubernetes;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
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
import io.netty.handler.codec.http.HttpMethod;
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
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedDeque;
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
    private final Set<String> absent = ConcurrentHashMap.newKeySet(); // plurals
    private final Map<Channel, String> watchedNames = new ConcurrentHashMap<>();
    private final List<String> patches = new CopyOnWriteArrayList<>();
    private final List<String> posts = new CopyOnWriteArrayList<>();
    private final Deque<Integer> patchAnswers = new ConcurrentLinkedDeque<>();
    private final ObjectMapper json = new ObjectMapper();
    private final Map<String, Integer> refusedLists =
            new ConcurrentHashMap<>(); // the statuses of the answers, by plural
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
                                .addLast(new HttpServerCodec(), new HttpObjectAggregator(1 << 22), new Requests());
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

    /** Knows a kind no more, and ends its watches; its objects are gone with it. */
    void withdraw(String plural) {
        run(() -> {
            absent.add(plural);
            ofKind(plural).clear();
            endWatches(plural);
        });
    }

    private void endWatches(String plural) {
        List.copyOf(watches.keySet()).stream()
                .filter(channel -> plural.equals(watches.get(channel)))
                .forEach(channel -> {
                    var unused = channel.close();
                });
    }

    /** Knows a kind from now on. */
    void define(String plural) {
        absent.remove(plural);
    }

    /** Answers the next patches with these statuses, and does nothing else. */
    void refusePatches(Integer... statuses) {
        patchAnswers.addAll(List.of(statuses));
    }

    /** Answers lists of a kind with this status from now on, and ends its watches. */
    void refuse(String plural, int status) {
        refusedLists.put(plural, status);
        run(() -> endWatches(plural));
    }

    /** Answers lists of a kind again. */
    void allow(String plural) {
        refusedLists.remove(plural);
    }

    /** Returns what was patched, each as path and body, also where it was refused. */
    List<String> patches() {
        return List.copyOf(patches);
    }

    /** Returns what was to be created, each as path and body; nothing is done about it. */
    List<String> posts() {
        return List.copyOf(posts);
    }

    /** Returns an object as it is now; null where there is none. */
    JsonNode object(String plural, String key) {
        HasMetadata object = ofKind(plural).get(key);
        return object == null ? null : tree(object);
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
            String name = watchedNames.get(channel);
            if (watched.equals(plural)
                    && (name == null || name.equals(object.getMetadata().getName()))) {
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
        String name = name(query);
        Iterator<HasMetadata> from = ofKind(plural).tailMap(after, false).values().stream()
                .filter(object ->
                        name == null || name.equals(object.getMetadata().getName()))
                .toList()
                .iterator();
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
        return answer(200, body);
    }

    /** Merges a patch of a status, where it is made for the object as it is now. */
    private FullHttpResponse patched(String path, String body) {
        patches.add(path + " " + body);
        Integer refusal = patchAnswers.poll();
        String[] parts = path.split("/", -1);
        String plural = parts[parts.length - 3];
        String name = parts[parts.length - 2];
        HasMetadata before = ofKind(plural).values().stream()
                .filter(object -> object.getMetadata().getName().equals(name))
                .findFirst()
                .orElse(null);
        if (refusal != null || before == null) {
            return answer(refusal == null ? 404 : refusal, "{\"kind\":\"Status\",\"apiVersion\":\"v1\"}");
        }
        try {
            JsonNode patch = json.readTree(body);
            String seen = patch.path("metadata").path("resourceVersion").asText();
            if (!seen.equals(before.getMetadata().getResourceVersion())) {
                return answer(409, "{\"kind\":\"Status\",\"apiVersion\":\"v1\"}");
            }
            ObjectNode after = tree(before);
            ObjectNode status = after.withObject("/status");
            patch.path("status").properties().forEach(field -> status.set(field.getKey(), field.getValue()));
            HasMetadata object = serialization.unmarshal(after.toString(), HasMetadata.class);
            object.getMetadata().setResourceVersion(String.valueOf(version.incrementAndGet()));
            ofKind(plural).put(key(object), object);
            tell(plural, "MODIFIED", object);
            return answer(200, serialization.asJson(object));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private ObjectNode tree(HasMetadata object) {
        try {
            return (ObjectNode) json.readTree(serialization.asJson(object));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String name(Map<String, List<String>> query) {
        String selector = query.getOrDefault("fieldSelector", List.of("")).get(0);
        return selector.startsWith("metadata.name=") ? selector.substring("metadata.name=".length()) : null;
    }

    private static FullHttpResponse answer(int status, String body) {
        FullHttpResponse response = new DefaultFullHttpResponse(
                HttpVersion.HTTP_1_1,
                HttpResponseStatus.valueOf(status),
                Unpooled.copiedBuffer(body, StandardCharsets.UTF_8));
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
            case "namespaces" -> "Namespace";
            case "secrets" -> "Secret";
            case "gatewayclasses" -> "GatewayClass";
            case "gateways" -> "Gateway";
            case "httproutes" -> "HTTPRoute";
            case "grpcroutes" -> "GRPCRoute";
            case "referencegrants" -> "ReferenceGrant";
            default -> throw new IllegalArgumentException(plural);
        };
    }

    private static String apiVersion(String plural) {
        return switch (plural) {
            case "endpointslices" -> "discovery.k8s.io/v1";
            case "referencegrants" -> "gateway.networking.k8s.io/v1beta1";
            case "gatewayclasses", "gateways", "httproutes", "grpcroutes" -> "gateway.networking.k8s.io/v1";
            default -> "v1";
        };
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
                if (request.method().equals(HttpMethod.PATCH)) {
                    channel.writeAndFlush(patched(uri.path(), request.content().toString(StandardCharsets.UTF_8)))
                            .addListener(ChannelFutureListener.CLOSE_ON_FAILURE);
                } else if (request.method().equals(HttpMethod.POST)) {
                    String body = request.content().toString(StandardCharsets.UTF_8);
                    posts.add(uri.path() + " " + body);
                    channel.writeAndFlush(answer(201, body)).addListener(ChannelFutureListener.CLOSE_ON_FAILURE);
                } else if (absent.contains(plural) || refusedLists.containsKey(plural)) {
                    lists.add(request.uri());
                    channel.writeAndFlush(answer(
                                    absent.contains(plural) ? 404 : refusedLists.getOrDefault(plural, 500),
                                    "{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"status\":\"Failure\"}"))
                            .addListener(ChannelFutureListener.CLOSE_ON_FAILURE);
                } else if (uri.parameters().containsKey("watch")) {
                    String name = name(uri.parameters());
                    if (name != null) {
                        watchedNames.put(channel, name);
                    }
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
