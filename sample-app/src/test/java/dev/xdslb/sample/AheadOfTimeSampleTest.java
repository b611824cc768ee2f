/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.sample;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.xdslb.sample.backend.BackendPod;
import dev.xdslb.sample.backend.Behaviour;
import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.function.ToIntFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The sample as it runs after {@code spring-boot:process-aot}, in a JVM of its own: Spring makes its beans by generated code, for which it
 * looks at no annotation and at no condition any more.
 */
@Timeout(600)
class AheadOfTimeSampleTest {
    private static final Duration PATIENCE = Duration.ofMinutes(4); // for two starts beside other builds
    private static final Pattern PORT = Pattern.compile("Tomcat started on port (\\d+)");
    private static final Pattern POD = Pattern.compile("\"pod\":\"([^\"]+)\"");

    @TempDir
    private static Path folder;

    private static List<BackendPod> pods;
    private static Process sample;
    private static String address;

    @BeforeAll
    static void start() throws Exception {
        InetAddress local = InetAddress.getLoopbackAddress();
        pods = List.of(
                BackendPod.start("one", local, 0, 0, new Behaviour(Duration.ofMillis(1))),
                BackendPod.start("other", local, 0, 0, new Behaviour(Duration.ofMillis(1))));
        String classPath = classPath();
        run(List.of(
                "-cp",
                classPath,
                "org.springframework.boot.SpringApplicationAotProcessor",
                SampleApplication.class.getName(),
                folder.resolve("sources").toString(),
                folder.resolve("resources").toString(),
                folder.resolve("classes").toString(),
                "dev.xdslb",
                "sample-app"));
        compile(classPath);
        Path log = folder.resolve("sample.log");
        sample = java(
                        List.of(
                                "-Dspring.aot.enabled=true",
                                "-cp",
                                Stream.of(
                                                folder.resolve("classes").toString(),
                                                folder.resolve("resources").toString(),
                                                classPath)
                                        .collect(Collectors.joining(File.pathSeparator)),
                                SampleApplication.class.getName(),
                                "--server.address=127.0.0.1",
                                "--server.port=0",
                                "--server.shutdown=immediate",
                                "--xds-lb.control-plane.address=127.0.0.1:1",
                                "--xds-lb.clients.orders.endpoints=" + endpoints(BackendPod::httpPort),
                                "--xds-lb.clients.orders-grpc.resource=orders.shop:grpc",
                                "--xds-lb.clients.orders-grpc.endpoints=" + endpoints(BackendPod::grpcPort)),
                        log)
                .start();
        await().atMost(PATIENCE).until(() -> {
            Matcher started = PORT.matcher(Files.readString(log));
            if (!started.find()) {
                assertThat(sample.isAlive()).as(Files.readString(log)).isTrue();
                return false;
            }
            address = "http://127.0.0.1:" + started.group(1);
            return true;
        });
        assertThat(Files.readString(log)).contains("AOT-processed");
    }

    @AfterAll
    static void stop() throws InterruptedException {
        if (sample != null) {
            sample.destroy();
            if (!sample.waitFor(10, TimeUnit.SECONDS)) {
                sample.destroyForcibly();
            }
        }
        pods.forEach(BackendPod::close);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/orders/", "/web-client/orders/", "/grpc/orders/"})
    void eachClient_reachesAllPods(String path) {
        TreeSet<String> reached = new TreeSet<>();
        await().atMost(PATIENCE).until(() -> {
            String answer = get(path + "7");
            reached.addAll(
                    POD.matcher(answer).results().map(result -> result.group(1)).toList());
            return reached.size() == pods.size();
        });
        assertThat(reached).containsExactly("one", "other");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/actuator/health",
                "/actuator/xdslb",
                "/actuator/xdslb/orders.shop",
                "/actuator/xdslb/orders.shop/explain?header=x:1",
                "/actuator/prometheus"
            })
    void whatIsSeenInside_isThere(String path) throws Exception {
        assertThat(get(path)).isNotEmpty();
    }

    private static String get(String path) throws IOException, InterruptedException {
        HttpResponse<String> response = HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(URI.create(address + path))
                                .timeout(PATIENCE)
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
        assertThat(response.statusCode()).as("%s: %s", path, response.body()).isEqualTo(200);
        return response.body();
    }

    private static String endpoints(ToIntFunction<BackendPod> port) {
        return pods.stream().map(pod -> "127.0.0.1:" + port.applyAsInt(pod)).collect(Collectors.joining(","));
    }

    private static void compile(String classPath) throws IOException {
        List<String> arguments = new ArrayList<>(
                List.of("-nowarn", "-proc:none", "-cp", folder.resolve("classes") + File.pathSeparator + classPath));
        arguments.addAll(List.of("-d", folder.resolve("classes").toString()));
        try (Stream<Path> sources = Files.walk(folder.resolve("sources"))) {
            sources.map(Path::toString)
                    .filter(source -> source.endsWith(".java"))
                    .forEach(arguments::add);
        }
        int result = ToolProvider.getSystemJavaCompiler().run(null, null, null, arguments.toArray(String[]::new));
        assertThat(result).as("what is generated compiles").isZero();
    }

    private static void run(List<String> arguments) throws Exception {
        Path log = folder.resolve("processing.log");
        Process process = java(arguments, log).start();
        boolean ended = process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        if (!ended) {
            process.destroyForcibly();
        }
        assertThat(ended && process.exitValue() == 0).as(Files.readString(log)).isTrue();
    }

    private static ProcessBuilder java(List<String> arguments, Path log) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add("-XX:TieredStopAtLevel=1"); // it starts, and does little more
        command.addAll(arguments);
        return new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile());
    }

    /** Without the tests, which have applications of their own. */
    private static String classPath() {
        String classPath = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
        return Arrays.stream(classPath.split(File.pathSeparator, -1))
                .filter(entry -> !entry.endsWith("test-classes"))
                .collect(Collectors.joining(File.pathSeparator));
    }
}
