/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.xdslb.controlplane.fault.Faults;
import dev.xdslb.controlplane.topology.KubernetesClusterName;
import dev.xdslb.controlplane.topology.Topology;
import dev.xdslb.controlplane.topology.TopologySource;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class StaleReplicaTest {
    private static final URI A = URI.create("http://10.0.0.1:8080");
    private static final URI B = URI.create("http://10.0.0.2:8080");
    private static final KubernetesClusterName CLUSTER = new KubernetesClusterName("default");

    private final Map<URI, @Nullable Duration> heard = new HashMap<>();
    private final List<String> done = new ArrayList<>();
    private Duration age = Duration.ZERO;
    private final StaleReplica replica = new StaleReplica(
            Duration.ofMinutes(2),
            () -> age,
            () -> List.of(A, B),
            heard::get,
            new StaleReplica.Clients() {
                @Override
                public void shed(String reason, Duration over) {
                    done.add("shed in " + over.toSeconds() + " s");
                }

                @Override
                public void accept() {
                    done.add("accept");
                }
            },
            new Faults());

    @Test
    void staleReplica_sendsItsClientsToOneThatHears_once_andTakesThemBackWhenItHears() throws Exception {
        heard.put(B, Duration.ofSeconds(3));
        look(Duration.ofSeconds(119));
        assertThat(done).isEmpty();

        look(Duration.ofMinutes(2));
        look(Duration.ofMinutes(3));
        assertThat(done).containsExactly("shed in 60 s");
        assertThat(replica.fresher()).isEqualTo(B);

        look(Duration.ZERO);
        assertThat(done).containsExactly("shed in 60 s", "accept");
        assertThat(replica.fresher()).isNull();
    }

    /** The API server is away, or does not answer anybody: the last state is better than none. */
    @Test
    void staleReplica_amongOthersThatAreNotFresher_serves() throws Exception {
        heard.put(A, Duration.ofMinutes(5)); // itself
        heard.put(B, Duration.ofMinutes(5).minus(StaleReplica.MARGIN).plusSeconds(1));

        look(Duration.ofMinutes(5));

        assertThat(done).isEmpty();
    }

    @Test
    void staleReplica_withoutOthersThatAnswer_serves() throws Exception {
        look(Duration.ofHours(5));

        assertThat(done).isEmpty();
    }

    @Test
    void otherReplicaThatIsGone_orStale_too_givesTheClientsBack() throws Exception {
        heard.put(B, Duration.ZERO);
        look(Duration.ofMinutes(2));

        heard.remove(B);
        for (int i = 1; i < StaleReplica.MAX_DOUBTS; i++) {
            look(Duration.ofMinutes(3));
        }
        assertThat(done).as("it may be busy for a moment").containsExactly("shed in 60 s");
        look(Duration.ofMinutes(3));

        assertThat(done).containsExactly("shed in 60 s", "accept");
    }

    @Test
    void staleReplica_isNotReady_andSaysWhoIsFresher() throws Exception {
        heard.put(B, Duration.ZERO);
        try (Topology topology = new Topology(List.of())) {
            SyncHealthIndicator indicator = new SyncHealthIndicator(topology, new NoSource(), new Faults(), replica);
            look(Duration.ofMinutes(2));

            assertThat(indicator.health().getStatus()).hasToString("OUT_OF_SERVICE");
            assertThat(indicator.health().getDetails()).containsEntry("fresher", B.toString());
        }
    }

    @Test
    void otherReplica_isBelievedOnlyWhereItSaysThatItWatches() throws Exception {
        String state = """
                {"synced": true, "clusters": [
                  {"name": "east", "state": "synced", "secondsSinceHeard": 1},
                  {"name": "default", "state": "%s", "secondsSinceHeard": 4.5}]}
                """;
        assertThat(answered(200, state.formatted("synced"))).isEqualTo(Duration.ofMillis(4_500));
        assertThat(answered(200, state.formatted("stale"))).isNull();
        assertThat(answered(200, "{}")).isNull();
        assertThat(answered(200, "<html>")).isNull();
        assertThat(answered(500, state.formatted("synced"))).isNull();
        assertThat(new Peers(CLUSTER).heard(URI.create("http://127.0.0.1:1"))).isNull();
    }

    @Test
    void otherReplicaThatEndsNoAnswer_isNotWaitedForLong() throws Exception {
        try (ServerSocket endless = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Thread peer = new Thread(() -> {
                try (Socket asked = endless.accept()) {
                    asked.getOutputStream()
                            .write("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{"
                                    .getBytes(StandardCharsets.US_ASCII));
                    asked.getInputStream().readAllBytes();
                } catch (IOException e) {
                    // the end
                }
            });
            peer.start();

            assertThat(new Peers(CLUSTER).heard(URI.create("http://127.0.0.1:" + endless.getLocalPort())))
                    .isNull();
            peer.join();
        }
    }

    private void look(Duration ownAge) throws InterruptedException {
        age = ownAge;
        replica.look();
    }

    private static @Nullable Duration answered(int status, String body) throws IOException, InterruptedException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/debug/clusters", exchange -> {
            byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(status, bytes.length);
            exchange.getResponseBody().write(bytes);
            exchange.close();
        });
        server.start();
        try {
            return new Peers(CLUSTER)
                    .heard(URI.create("http://127.0.0.1:" + server.getAddress().getPort()));
        } finally {
            server.stop(0);
        }
    }

    private static final class NoSource implements TopologySource {
        @Override
        public void start() {}

        @Override
        public Status status() {
            return new Status("nothing", "");
        }

        @Override
        public void close() {}
    }
}
