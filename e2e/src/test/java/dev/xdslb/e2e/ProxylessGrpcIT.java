/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.xdslb.e2e.GrpcManifest.Pod;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The clients of docs/proxyless-grpc.md, against the control plane as that page starts it: from manifests. */
@TestInstance(Lifecycle.PER_CLASS)
class ProxylessGrpcIT {

    private static final int XDS_PORT = 18010;
    private static final String HTTP = "http://127.0.0.1:8091";
    private static final Duration LIMIT = Duration.ofSeconds(30);

    private static final int ENOUGH_CALLS = 1_000;

    /** 0.995 stay; so many calls show less than this in one of 100,000 runs. */
    private static final double NEARLY_ALL = 0.975;

    /** Six times the standard deviation of so many calls: clients also round weights. */
    private static final double CHANCE = 0.1;

    private final Deque<Program> programs = new ArrayDeque<>();

    private final Path directory;

    ProxylessGrpcIT(@TempDir Path directory) {
        this.directory = directory;
    }

    @BeforeAll
    void startControlPlaneAndPods() throws IOException {
        assumeTrue(GrpcClient.PYTHON.isAtHand(), "the pods are Python programs: " + GrpcClient.PYTHON.howToGet());
        manifest().serve(Project.e2e("clients/manifests/orders.yaml"));
        programs.push(Program.start(
                        "proxyless-control-plane",
                        new ProcessBuilder(Program.javaJar(
                                Project.jar("eds-control-plane-app", "-exec"),
                                "--server.port=8091",
                                "--xds-lb.control-plane.address=127.0.0.1",
                                "--xds-lb.control-plane.port=" + XDS_PORT,
                                "--xds-lb.control-plane.manifests.directory=" + directory.resolve("manifests"))))
                .awaitUp(URI.create(HTTP + "/actuator/health/readiness")));
        for (int pod = 1; pod <= 5; pod++) {
            programs.push(startPod(new Pod(pod, "")));
        }
    }

    @AfterAll
    void stop() {
        programs.forEach(Program::close);
    }

    @ParameterizedTest
    @EnumSource
    void clientOfAnotherLanguage_followsThePods_keepsToItsZone_andRefusesNothing(GrpcClient language)
            throws IOException {
        assumeTrue(language.isAtHand(), language.howToGet());
        manifest().serve(pods("", 1, 2, 3));
        Path bootstrap = GrpcClient.bootstrap(directory, XDS_PORT, language.name(), "a");
        String log = "proxyless-" + language;
        Files.deleteIfExists(KubeScript.LOGS.resolve(log + ".log"));
        try (Program program = Program.start(log, language.command("xds:///orders.shop:8080", bootstrap))) {
            CallCounts calls = new CallCounts(program.log());
            awaitAnswersFrom(calls, 1, 2, 3);
            Map<String, Integer> even = calls.next(ENOUGH_CALLS / 2);
            assertThat(even.values())
                    .as("%s", even)
                    .allSatisfy(count ->
                            assertThat(count).isCloseTo(CallCounts.sum(even) / 3, within(CallCounts.sum(even) / 30)));

            manifest().serve(pods("", 1, 2));
            awaitAnswersFrom(calls, 1, 2);
            manifest().serve(pods("", 1, 2, 4));
            awaitAnswersFrom(calls, 1, 2, 4);

            manifest().serve(pods("a", 1), pods("b", 2), pods("c", 3));
            await().atMost(LIMIT).until(() -> CallCounts.share(calls.last(), "pod-1") > 0.9);
            double local = CallCounts.share(calls.next(ENOUGH_CALLS), "pod-1");
            manifest().serve(pods("a", 1), pods("b", 2, 3), pods("c", 4, 5));
            awaitAnswersFrom(calls, 1, 2, 3, 4, 5);
            double halfGone = CallCounts.share(calls.next(ENOUGH_CALLS), "pod-1");

            Figure.report("share of its zone, " + language, local);
            Figure.report("the same after half of it is gone", halfGone);
            assertThat(local).isGreaterThanOrEqualTo(NEARLY_ALL);
            assertThat(halfGone).as("min(1, 0.2 / (1/3)) = 0.6").isCloseTo(0.6, within(CHANCE));
            assertThat(Files.readString(program.log())).doesNotContain("error");
            assertThat(Nacks.byType(URI.create(HTTP)))
                    .as("refused responses by type")
                    .isEmpty();
        }
    }

    private static Program startPod(Pod pod) throws IOException {
        String name = "proxyless-" + pod.name();
        Files.deleteIfExists(KubeScript.LOGS.resolve(name + ".log"));
        Program program = Program.start(name, GrpcClient.server(pod));
        await(pod + " up")
                .atMost(LIMIT)
                .failFast("has ended, see " + program.log(), () -> !program.isAlive())
                .until(() -> Files.readString(program.log()).contains(" at "));
        return program;
    }

    private static void awaitAnswersFrom(CallCounts calls, int... pods) {
        Set<String> names = new TreeSet<>();
        for (int pod : pods) {
            names.add("pod-" + pod);
        }
        calls.awaitAnswersFrom(names);
    }

    private GrpcManifest manifest() {
        return new GrpcManifest(directory.resolve("manifests"));
    }

    private static List<Pod> pods(String zone, int... numbers) {
        List<Pod> pods = new ArrayList<>();
        for (int number : numbers) {
            pods.add(new Pod(number, zone));
        }
        return pods;
    }
}
