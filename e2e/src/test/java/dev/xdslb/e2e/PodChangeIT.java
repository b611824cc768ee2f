/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * How long it takes from a pod in the API server to the first call of each kind of client to it. The pods are servers of this
 * process, which their EndpointSlices name; no controller has a part in it.
 */
@ExtendWith(TestBed.class)
class PodChangeIT {

    private static final int ENVOY_PORT = 10_081;
    private static final int CHANGES = 5;

    /** More than the time for which the control plane gathers changes. */
    private static final Duration IDLE = Duration.ofMillis(500);

    private static final Duration LIMIT = Duration.ofSeconds(60);

    private static final String XDS_LB = "xds-lb";
    private static final String ENVOY = "through-envoy";

    /** What the clients of other languages call themselves. */
    private static final Map<GrpcClient, String> USER_AGENTS = Map.of(
            GrpcClient.PYTHON, "grpc-python",
            GrpcClient.GO, "grpc-go",
            GrpcClient.NODE, "grpc-node-js",
            GrpcClient.JAVA, "java");

    private final KubernetesClient client;
    private final Path directory;
    private final Deque<AutoCloseable> ends = new ArrayDeque<>();

    PodChangeIT(TestBed.Parts parts, @TempDir Path directory) {
        client = parts.cluster.client();
        this.directory = directory;
    }

    @AfterEach
    void end() throws Exception {
        while (!ends.isEmpty()) {
            ends.pop().close();
        }
    }

    @Test
    void aNewPodIsCalledByEveryKindOfClient() throws Exception {
        HandmadeService service = new HandmadeService(client, "changes", "grpc");
        ends.push(service);
        GrpcPod pod = pod(0);
        service.add(pod.name(), pod.port());
        List<String> clients = startClients(service.resource());
        awaitCallsOf(clients, pod);

        Map<String, List<Long>> millis = new TreeMap<>();
        for (int change = 1; change <= CHANGES; change++) {
            GrpcPod next = pod(change);
            awaitIdle();
            long written = System.nanoTime();
            service.add(next.name(), next.port());
            awaitCallsOf(clients, next);
            next.firstCalls()
                    .forEach((who, when) -> millis.computeIfAbsent(who, key -> new ArrayList<>())
                            .add(TimeUnit.NANOSECONDS.toMillis(when - written)));
            service.remove(pod.name());
            pod = next;
        }

        millis.forEach((who, times) ->
                Figure.report("ms from a pod written to the API server to the first call by " + who, times));
        assertThat(millis).hasSize(clients.size());
    }

    private List<String> startClients(String target) throws IOException {
        List<String> clients = new ArrayList<>();
        if (Envoy.isAtHand()) {
            ends.push(Envoy.startFor(target, ENVOY_PORT, "envoy-changes", Envoy.Protocol.DELTA, ControlPlane.XDS_PORT));
            ends.push(new GrpcCalls("127.0.0.1:" + ENVOY_PORT, ENVOY));
            clients.add(ENVOY);
        }
        for (GrpcClient language : GrpcClient.values()) {
            if (language.isAtHand()) {
                String name = "changes-" + language;
                Path bootstrap = GrpcClient.bootstrap(directory, ControlPlane.XDS_PORT, name, "");
                ends.push(Program.start(name, language.command("xds:///" + target, bootstrap)));
                clients.add(USER_AGENTS.get(language));
            }
        }
        ends.push(Program.start("changes-xds-lb", GrpcClient.xdsLb("xdslb:///" + target, ControlPlane.XDS_ADDRESS)));
        clients.add(XDS_LB);
        return clients;
    }

    /** Changes that come close together are announced together; here each comes alone. */
    private static void awaitIdle() {
        await("a moment without changes").pollDelay(IDLE).until(() -> true);
    }

    private static void awaitCallsOf(List<String> clients, GrpcPod pod) {
        await(pod.name() + " called by " + clients)
                .atMost(LIMIT)
                .pollInterval(Duration.ofMillis(20))
                .until(() -> pod.firstCalls().keySet().containsAll(clients));
    }

    private GrpcPod pod(int number) {
        GrpcPod pod = new GrpcPod("changed-" + number);
        ends.push(pod);
        return pod;
    }
}
