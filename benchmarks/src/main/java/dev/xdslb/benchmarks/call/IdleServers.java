/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.benchmarks.call;

import io.grpc.MethodDescriptor;
import io.grpc.Server;
import io.grpc.ServerServiceDefinition;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.ServerCalls;
import io.netty.buffer.Unpooled;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import reactor.core.publisher.Mono;
import reactor.netty.DisposableServer;
import reactor.netty.http.server.HttpServer;

/** A process with servers that answer at once. Ends when its input does. */
final class IdleServers {
    static final int SERVERS = 4;

    static final String ANSWER = "ok";

    static final String SERVICE = "measured";

    static final MethodDescriptor<byte[], byte[]> METHOD = MethodDescriptor.<byte[], byte[]>newBuilder()
            .setType(MethodDescriptor.MethodType.UNARY)
            .setFullMethodName(MethodDescriptor.generateFullMethodName(SERVICE, "call"))
            .setRequestMarshaller(new Bytes())
            .setResponseMarshaller(new Bytes())
            .build();

    private static final byte[] BYTES = ANSWER.getBytes(StandardCharsets.US_ASCII);

    private IdleServers() {}

    /** Prints the HTTP ports and then the gRPC ports in one line. */
    public static void main(String[] args) throws IOException {
        List<String> ports = new ArrayList<>();
        for (int i = 0; i < SERVERS; i++) {
            DisposableServer http = HttpServer.create()
                    .host("127.0.0.1")
                    .port(0)
                    .handle((request, response) -> response.header("Content-Type", "text/plain")
                            .header("Content-Length", Integer.toString(BYTES.length))
                            .sendObject(Mono.fromSupplier(() -> Unpooled.wrappedBuffer(BYTES))))
                    .bindNow();
            ports.add(Integer.toString(http.port()));
        }
        for (int i = 0; i < SERVERS; i++) {
            Server grpc = NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                    .directExecutor()
                    .addService(ServerServiceDefinition.builder(SERVICE)
                            .addMethod(METHOD, ServerCalls.asyncUnaryCall((request, observer) -> {
                                observer.onNext(BYTES);
                                observer.onCompleted();
                            }))
                            .build())
                    .build()
                    .start();
            ports.add(Integer.toString(grpc.getPort()));
        }
        System.out.println(String.join(" ", ports));
        System.out.flush();
        while (System.in.read() >= 0) {
            // whoever started this is still there
        }
        System.exit(0);
    }

    private static final class Bytes implements MethodDescriptor.Marshaller<byte[]> {
        @Override
        public InputStream stream(byte[] value) {
            return new ByteArrayInputStream(value);
        }

        @Override
        public byte[] parse(InputStream stream) {
            try {
                return stream.readAllBytes();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
