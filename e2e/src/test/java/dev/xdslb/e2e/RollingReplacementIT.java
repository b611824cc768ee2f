/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.xdslb.e2e.Load.Steady;
import dev.xdslb.e2e.SampleService.Client;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A new version of {@code orders} is rolled out while three kinds of clients call it, each as one control plane tells it to. */
@ExtendWith(TestBed.class)
class RollingReplacementIT {

    private static final int PODS = 4;

    /** Of each kind; together 201 a second. */
    private static final int PER_SECOND = 67;

    /** After which the old pods and the clients have compiled what they do most, as programs have that are to be replaced. */
    private static final int WARM_UP_SECONDS = 30;

    private static final int ENVOY_PORT = 10_080;

    /**
     * How long pods go on serving once Kubernetes has begun to end them, in ms: as the manifest of {@code orders} has it. Others are
     * tried by {@code -Dxdslb.e2e.pre-stop=0,1000}; with 0, a pod ends while clients are yet to hear of it.
     */
    private static final String PRE_STOP = System.getProperty("xdslb.e2e.pre-stop", "5000");

    private final OrdersDeployment orders;
    private final SampleService sample;
    private final Path directory;

    RollingReplacementIT(TestBed.Parts parts, @TempDir Path directory) {
        orders = parts.orders;
        sample = parts.sample;
        this.directory = directory;
    }

    @AfterEach
    void endPodsAsTheirManifestSays() {
        orders.preStop(null);
    }

    static List<Duration> preStops() {
        return Stream.of(PRE_STOP.split(",", -1))
                .map(ms -> Duration.ofMillis(Long.parseLong(ms)))
                .toList();
    }

    @ParameterizedTest
    @MethodSource("preStops")
    void replacingAllPodsFailsNoRequestOfAnyKindOfClient(Duration preStop) throws IOException {
        assumeTrue(Envoy.isAtHand(), Envoy.howToGet());
        assumeTrue(GrpcClient.PYTHON.isAtHand(), GrpcClient.PYTHON.howToGet());
        orders.scaleTo(PODS);
        orders.preStop(preStop);

        Load own = sample.load(Client.REST_CLIENT, "GET", "POST");
        Load throughEnvoy = new Load(URI.create("http://127.0.0.1:" + ENVOY_PORT + "/orders/1"), "GET", "POST");
        try (Envoy envoy = Envoy.startFor(
                        "orders.shop:8080", ENVOY_PORT, "envoy-roll", Envoy.Protocol.DELTA, ControlPlane.XDS_PORT);
                Program python = Program.start(
                        "roll-python",
                        GrpcClient.pythonOrders(
                                "xds:///orders.shop:9090",
                                PER_SECOND,
                                GrpcClient.bootstrap(directory, ControlPlane.XDS_PORT, "roll-python", "")))) {
            CallCounts calls = new CallCounts(python.log());
            List<String> old = orders.podNames();
            own.awaitAnswersFrom(old);
            throughEnvoy.awaitAnswersFrom(old);
            calls.awaitAnswersFrom(Set.copyOf(old));
            int before = calls.seconds();

            Answers ownAnswers;
            Answers envoyAnswers;
            try (Steady ownSteady = own.atRate(PER_SECOND);
                    Steady envoySteady = throughEnvoy.atRate(PER_SECOND)) {
                ownSteady.awaitSeconds(WARM_UP_SECONDS);
                orders.replaceAll();
                List<String> replaced = orders.podNames();
                own.awaitAnswersFrom(replaced);
                throughEnvoy.awaitAnswersFrom(replaced);
                calls.awaitAnswersFrom(Set.copyOf(replaced));
                assertThat(envoy.endpoints("orders.shop:8080")).hasSizeGreaterThanOrEqualTo(PODS);
                ownAnswers = ownSteady.stop();
                envoyAnswers = envoySteady.stop();
            }
            var pythonAnswers = calls.since(before);

            String suffix = " of a roll-out with " + preStop.toMillis() + " ms before SIGTERM, failed";
            Figure.report("our client: " + ownAnswers.all().size() + suffix, ownAnswers.failureKinds());
            Figure.report("Envoy: " + envoyAnswers.all().size() + suffix, envoyAnswers.failureKinds());
            Figure.report("Python: " + CallCounts.sum(pythonAnswers) + suffix, pythonAnswers.getOrDefault("failed", 0));
            assertThat(ownAnswers.failures()).as("our client").isEmpty();
            assertThat(envoyAnswers.failures()).as("Envoy").isEmpty();
            assertThat(pythonAnswers).as("Python, see %s", python.log()).doesNotContainKey("failed");
        }
    }
}
