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
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;

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

    @Test
    void clientsOfOtherLanguages_followThePods_keepToTheirZone_andRefuseNothing() throws Exception {
        manifest().serve(pods("", 1, 2, 3));
        Map<GrpcClient, CallCounts> clients = startClients();
        Map<GrpcClient, Integer> started =
                new TreeMap<>(); // before, a busy machine may have let calls run out of their time
        for (GrpcClient language : clients.keySet()) {
            started.put(language, Files.readString(log(language)).length());
        }
        next(clients, ENOUGH_CALLS / 2)
                .forEach((language, even) -> assertThat(even.values())
                        .as("%s: %s", language, even)
                        .allSatisfy(count -> assertThat(count)
                                .isCloseTo(CallCounts.sum(even) / 3, within(CallCounts.sum(even) / 30))));

        manifest().serve(pods("", 1, 2));
        awaitAnswersFrom(clients, 1, 2);
        manifest().serve(pods("", 1, 2, 4));
        awaitAnswersFrom(clients, 1, 2, 4);

        manifest().serve(pods("a", 1), pods("b", 2), pods("c", 3));
        for (CallCounts calls : clients.values()) {
            await().atMost(LIMIT).until(() -> CallCounts.share(calls.last(), "pod-1") > 0.9);
        }
        next(clients, ENOUGH_CALLS).forEach((language, counts) -> {
            double local = CallCounts.share(counts, "pod-1");
            Figure.report("share of its zone, " + language, local);
            assertThat(local).as("%s", language).isGreaterThanOrEqualTo(NEARLY_ALL);
        });
        manifest().serve(pods("a", 1), pods("b", 2, 3), pods("c", 4, 5));
        awaitAnswersFrom(clients, 1, 2, 3, 4, 5);
        next(clients, ENOUGH_CALLS).forEach((language, counts) -> {
            double halfGone = CallCounts.share(counts, "pod-1");
            Figure.report("the same after half of it is gone, " + language, halfGone);
            assertThat(halfGone).as("%s: min(1, 0.2 / (1/3)) = 0.6", language).isCloseTo(0.6, within(CHANCE));
        });

        for (GrpcClient language : clients.keySet()) {
            assertThat(Files.readString(log(language)).substring(started.get(language)))
                    .as("%s", language)
                    .doesNotContain("error");
        }
        assertThat(Nacks.byType(URI.create(HTTP)))
                .as("refused responses by type")
                .isEmpty();
    }

    /** Starts all that are at hand, for the pods 1 to 3. */
    private Map<GrpcClient, CallCounts> startClients() throws IOException {
        Map<GrpcClient, CallCounts> clients = new TreeMap<>();
        for (GrpcClient language : GrpcClient.values()) {
            if (language.isAtHand()) {
                Path bootstrap = GrpcClient.bootstrap(directory, XDS_PORT, language.name(), "a");
                Files.deleteIfExists(log(language));
                Program program =
                        Program.start("proxyless-" + language, language.command("xds:///orders.shop:8080", bootstrap));
                programs.push(program);
                clients.put(language, new CallCounts(program.log()));
                awaitAnswersFrom(clients, 1, 2, 3); // before the next takes the machine for its start
            } else {
                Figure.report("left out", language.howToGet());
            }
        }
        return clients;
    }

    private static Path log(GrpcClient language) {
        return KubeScript.LOGS.resolve("proxyless-" + language + ".log");
    }

    /** Returns the counts of the next so many calls of each, or a few more: all call at the same time. */
    private static Map<GrpcClient, Map<String, Integer>> next(Map<GrpcClient, CallCounts> clients, int enough) {
        Map<GrpcClient, Integer> from = new TreeMap<>();
        clients.forEach((language, calls) -> from.put(language, calls.seconds()));
        Map<GrpcClient, Map<String, Integer>> counts = new TreeMap<>();
        clients.forEach((language, calls) -> counts.put(language, calls.next(from.get(language), enough)));
        return counts;
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

    private static void awaitAnswersFrom(Map<GrpcClient, CallCounts> clients, int... pods) {
        Set<String> names = new TreeSet<>();
        for (int pod : pods) {
            names.add("pod-" + pod);
        }
        clients.values().forEach(calls -> calls.awaitAnswersFrom(names));
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
