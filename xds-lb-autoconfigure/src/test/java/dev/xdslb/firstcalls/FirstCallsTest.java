/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.firstcalls;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.StringValue;
import dev.xdslb.TestPod;
import dev.xdslb.firstcalls.ColdClient.Kind;
import io.grpc.Server;
import io.grpc.ServerServiceDefinition;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.ServerCalls;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * What a newcomer sees: a fresh application makes its first hundred calls one after another to four equal pods. The pods run
 * here and the application in a JVM of its own, in which nothing is loaded, compiled or connected yet.
 */
@Tag("figures")
class FirstCallsTest {
    private static final int PODS = 4;
    private static final int CALLS = 100;

    /** Of 25. A client that goes by chance alone misses it once in thirty runs, one that pins each time. */
    private static final int AT_LEAST = 15;

    /** It takes three to ten seconds; more on a machine that builds something else. */
    private static final int LIMIT_SECONDS = 120;

    /**
     * A hundred calls take less than half a second. On a machine that is busy with something else, one connection can take longer
     * than all of them; a second process shows whether it was that.
     */
    private static final int ATTEMPTS = 3;

    @TempDir
    Path folder;

    private final List<AutoCloseable> pods = new ArrayList<>();
    private final List<String> addresses = new ArrayList<>();
    private final List<IntSupplier> requests = new ArrayList<>();

    @AfterEach
    void stopPods() throws Exception {
        for (AutoCloseable pod : pods) {
            pod.close();
        }
    }

    @ParameterizedTest
    @EnumSource
    void firstCallsOfAFreshApplication_reachAllPodsAlike(Kind kind) throws Exception {
        for (int i = 0; i < PODS; i++) {
            if (kind.isGrpc()) {
                startGrpcPod();
            } else {
                startHttpPod();
            }
        }

        List<List<Integer>> attempts = new ArrayList<>();
        do {
            attempts.add(firstCalls(kind));
        } while (!isEven(attempts.get(attempts.size() - 1)) && attempts.size() < ATTEMPTS);

        assertThat(attempts).as("first calls of " + kind).anyMatch(FirstCallsTest::isEven);
    }

    private static boolean isEven(List<Integer> counts) {
        return counts.stream().allMatch(count -> count >= AT_LEAST);
    }

    private List<Integer> firstCalls(Kind kind) throws Exception {
        int[] before = requests.stream().mapToInt(IntSupplier::getAsInt).toArray();
        run(kind);
        List<Integer> counts = new ArrayList<>();
        for (int pod = 0; pod < PODS; pod++) {
            counts.add(requests.get(pod).getAsInt() - before[pod]);
        }
        Collections.sort(counts);
        System.out.println("figure: first " + CALLS + " calls of " + kind + ": " + counts);
        assertThat(counts.stream().mapToInt(Integer::intValue).sum()).isEqualTo(CALLS);
        return counts;
    }

    private void run(Kind kind) throws Exception {
        String own = System.getProperty("java.class.path");
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-cp",
                System.getProperty("surefire.test.class.path", own), // where the forked JVM has a jar that names it
                ColdClient.class.getName(),
                kind.name(),
                String.valueOf(CALLS)));
        command.addAll(addresses);
        Path output = folder.resolve("output.txt");
        Process client = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        try {
            boolean ended = client.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS);
            assertThat(ended)
                    .as("the client ended within " + LIMIT_SECONDS + " s; it said:\n" + Files.readString(output))
                    .isTrue();
            assertThat(client.exitValue())
                    .as("the client said:\n" + Files.readString(output))
                    .isZero();
        } finally {
            client.destroyForcibly();
        }
    }

    private void startHttpPod() throws IOException {
        TestPod pod = new TestPod();
        pods.add(pod);
        addresses.add("127.0.0.1:" + pod.port());
        requests.add(pod::requests);
    }

    private void startGrpcPod() throws IOException {
        AtomicInteger count = new AtomicInteger();
        Server server = NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .addService(ServerServiceDefinition.builder("test.Greeter")
                        .addMethod(ColdClient.HELLO, ServerCalls.asyncUnaryCall((request, answer) -> {
                            count.incrementAndGet();
                            answer.onNext(StringValue.of("hello"));
                            answer.onCompleted();
                        }))
                        .build())
                .build()
                .start();
        pods.add(server::shutdownNow);
        addresses.add("127.0.0.1:" + server.getPort());
        requests.add(count::get);
    }
}
