/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.ads;

import static dev.xdslb.controlplane.ads.InMemoryResourceStore.ENDPOINTS;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.envoyproxy.envoy.service.discovery.v3.AggregatedDiscoveryServiceGrpc;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.netty.NettyServerBuilder;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Requests that are begun and never ended, over HTTP/2 as it is on the wire: no client of gRPC sends such. */
class RequestArrivalTest {
    private static final int SETTINGS = 4;
    private static final int HEADERS = 1;
    private static final int DATA = 0;
    private static final int END_HEADERS = 4;

    private final Queue<Status.Code> ends = new ConcurrentLinkedQueue<>();
    private static final int MAX_BYTES = 100_000;

    private final Queue<String> shed = new ConcurrentLinkedQueue<>();
    /** SETTINGS_INITIAL_WINDOW_SIZE is 0. */
    private static final byte[] NO_WINDOW = {0, 4, 0, 0, 0, 0};

    private final AdsSettings settings =
            AdsSettings.DEFAULT.withTotals(new AdsSettings.Totals(MAX_BYTES, Long.MAX_VALUE));
    private final AdsFixture ads = new AdsFixture(settings, new StreamSignals() {
        @Override
        public void shed(String what) {
            shed.add(what);
        }

        @Override
        public void closed(Status.Code status) {
            ends.add(status);
        }
    });
    private Server server;

    @BeforeEach
    void start() throws IOException {
        server = NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .directExecutor()
                .addServices(DiscoveryServices.of(ads.streams))
                .addStreamTracerFactory(ads.streams.arrivals())
                .build()
                .start();
    }

    @AfterEach
    void stop() {
        server.shutdownNow();
        ads.close();
    }

    @Test
    void requestThatIsNotWholeInTime_endsItsStream_andOneWithoutSuchStays() throws IOException {
        DeltaClient quiet = ads.delta();
        quiet.subscribe(ENDPOINTS, ads.marker());
        quiet.accept();
        byte[] request = DeltaClient.request(ENDPOINTS)
                .setNode(AdsFixture.node("raw"))
                .addResourceNamesSubscribe("a:1")
                .build()
                .toByteArray();

        try (Socket socket = connect()) {
            DataOutputStream out = begin(socket);
            frame(out, DATA, 0, 1, message(request.length, request));
            await().until(() -> ads.streams.page(null, 0, 10).streams().stream()
                    .anyMatch(stream -> "raw".equals(stream.userAgent())));
            frame(out, DATA, 0, 1, message(1_000_000, request));

            await().until(() -> {
                ads.advance(Duration.ofSeconds(10));
                return ads.streams.streamCount() == 1;
            });
        }
        assertThat(ends).containsExactly(Status.Code.DEADLINE_EXCEEDED);
        quiet.expectNothingSent();
    }

    @Test
    void requestsThatAreNotWhole_togetherMoreThanIsKept_endTheStreamWhoseWasBegunFirst_andNoOther() throws IOException {
        DeltaClient quiet = ads.delta();
        quiet.subscribe(ENDPOINTS, ads.marker());
        quiet.accept();
        byte[] part = new byte[15_000];

        try (Socket first = connect();
                Socket second = connect()) {
            half(first, part, 4);
            await().until(() -> arriving() > 4L * part.length);
            ads.pass(Duration.ofSeconds(1));
            half(second, part, 2);
            await().until(() -> arriving() > 6L * part.length);
            assertThat(ends).isEmpty();
            frame(new DataOutputStream(second.getOutputStream()), DATA, 0, 1, part);

            await().until(() -> {
                ads.pass(Duration.ZERO);
                return ends.size() == 1;
            });
            assertThat(ends).containsExactly(Status.Code.RESOURCE_EXHAUSTED);
            assertThat(shed).containsExactly("requests");
            await().untilAsserted(() -> assertThat(arriving()).isBetween(3L * part.length, 4L * part.length));
            assertThat(ads.streams.streamCount()).isEqualTo(2);
        }
        await().untilAsserted(() -> assertThat(arriving()).isZero());
        quiet.expectNothingSent();
    }

    /** A close would wait behind what is not read, and what was begun with it. */
    @Test
    void streamOfAClientThatDoesNotRead_endsWithWhatItHasBegun() throws IOException {
        byte[] request = DeltaClient.request(ENDPOINTS)
                .setNode(AdsFixture.node("raw"))
                .addResourceNamesSubscribe("a:1")
                .build()
                .toByteArray();
        try (Socket socket = connect()) {
            DataOutputStream out = begin(socket, NO_WINDOW);
            frame(out, DATA, 0, 1, message(request.length, request));
            await().until(() -> ads.streams.page(null, 0, 10).streams().stream()
                    .anyMatch(stream -> "raw".equals(stream.userAgent())));
            frame(out, DATA, 0, 1, message(1_000_000, new byte[15_000]));
            await().until(() -> arriving() > 15_000);

            await().until(() -> {
                ads.advance(Duration.ofSeconds(10));
                return arriving() == 0;
            });
            assertThat(ends).containsExactly(Status.Code.DEADLINE_EXCEEDED);
        }
    }

    @Test
    void requestThatIsCompressed_countsAsWhatItIsInflatedTo() throws IOException {
        DeltaDiscoveryRequest.Builder request = DeltaDiscoveryRequest.newBuilder()
                .setNode(AdsFixture.node("raw"))
                .setTypeUrl(ENDPOINTS.typeUrl());
        for (int i = 0; i < 20_000; i++) {
            request.addResourceNamesSubscribe("orders-of-somebody-who-asks-for-much.shop:1" + i % 10);
        }
        ByteArrayOutputStream zipped = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(zipped)) {
            gzip.write(request.build().toByteArray());
        }
        assertThat(zipped.size()).as("far from the limit").isLessThan(MAX_BYTES / 4);

        try (Socket filling = connect();
                Socket socket = connect()) {
            half(filling, new byte[15_000], 1);
            await().until(() -> arriving() > 15_000);
            DataOutputStream out = begin(socket, new byte[0], "gzip");
            byte[] message = message(zipped.size(), zipped.toByteArray());
            message[0] = 1; // compressed
            frame(out, DATA, 0, 1, message);

            await().until(() -> ends.contains(Status.Code.RESOURCE_EXHAUSTED));
        }
    }

    /** As many parts of one byte as make a hundred bytes of a request keep a buffer each. */
    @Test
    void partsOfARequest_countWithWhatEachTakes() throws IOException {
        try (Socket socket = connect()) {
            half(socket, new byte[1], 1);
            long before = await().until(this::arriving, bytes -> bytes > 0);
            for (int i = 0; i < 100; i++) {
                frame(new DataOutputStream(socket.getOutputStream()), DATA, 0, 1, new byte[1]);
            }

            await().until(() -> arriving() - before > 1_000);
        }
        await().untilAsserted(() -> assertThat(arriving()).isZero());
    }

    private long arriving() {
        return ads.streams.shedding().requests.held();
    }

    /** Begins a request, and sends so many parts of it. */
    private static void half(Socket socket, byte[] part, int parts) throws IOException {
        DataOutputStream out = begin(socket);
        frame(out, DATA, 0, 1, message(1_000_000, part));
        for (int i = 1; i < parts; i++) {
            frame(out, DATA, 0, 1, part);
        }
    }

    private Socket connect() throws IOException {
        return new Socket(InetAddress.getLoopbackAddress(), server.getPort());
    }

    private static DataOutputStream begin(Socket socket) throws IOException {
        return begin(socket, new byte[0]);
    }

    private static DataOutputStream begin(Socket socket, byte[] settings) throws IOException {
        return begin(socket, settings, "identity");
    }

    private static DataOutputStream begin(Socket socket, byte[] settings, String encoding) throws IOException {
        DataOutputStream out = new DataOutputStream(socket.getOutputStream());
        out.write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(US_ASCII));
        frame(out, SETTINGS, 0, 0, settings);
        frame(out, HEADERS, END_HEADERS, 1, headers(encoding));
        return out;
    }

    private static void frame(DataOutputStream out, int type, int flags, int stream, byte[] content)
            throws IOException {
        out.writeByte(0); // the first of three bytes of the length
        out.writeShort(content.length);
        out.writeByte(type);
        out.writeByte(flags);
        out.writeInt(stream);
        out.write(content);
        out.flush();
    }

    private static byte[] message(int saidLength, byte[] content) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(bytes);
        out.writeByte(0); // not compressed
        out.writeInt(saidLength);
        out.write(content);
        return bytes.toByteArray();
    }

    /** HPACK (RFC 7541) without compression: an index of the static table stands for a known name, or name and value. */
    private static byte[] headers(String encoding) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.write(0x83); // :method POST
        bytes.write(0x86); // :scheme http
        bytes.write(0x04); // :path
        text(
                bytes,
                "/"
                        + AggregatedDiscoveryServiceGrpc.getDeltaAggregatedResourcesMethod()
                                .getFullMethodName());
        bytes.write(0x01); // :authority
        text(bytes, "test");
        bytes.write(0x00);
        text(bytes, "content-type");
        text(bytes, "application/grpc");
        bytes.write(0x00);
        text(bytes, "te");
        text(bytes, "trailers");
        bytes.write(0x00);
        text(bytes, "grpc-encoding");
        text(bytes, encoding);
        return bytes.toByteArray();
    }

    private static void text(ByteArrayOutputStream bytes, String text) {
        bytes.write(text.length()); // below 127
        bytes.writeBytes(text.getBytes(US_ASCII));
    }
}
