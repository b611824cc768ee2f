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
    private final AdsFixture ads = new AdsFixture(AdsSettings.DEFAULT, new StreamSignals() {
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

        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.getPort())) {
            DataOutputStream out = new DataOutputStream(socket.getOutputStream());
            out.write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(US_ASCII));
            frame(out, SETTINGS, 0, 0, new byte[0]);
            frame(out, HEADERS, END_HEADERS, 1, headers());
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
    private static byte[] headers() {
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
        return bytes.toByteArray();
    }

    private static void text(ByteArrayOutputStream bytes, String text) {
        bytes.write(text.length()); // below 127
        bytes.writeBytes(text.getBytes(US_ASCII));
    }
}
