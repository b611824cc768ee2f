/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.xdslb.e2e.ControlPlane.EndpointStream;
import dev.xdslb.e2e.Load.Steady;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What a service that calls {@code orders} sees of the outages of those who tell it where the pods are: nothing. */
@ExtendWith(TestBed.class)
class OutageIT {

    private static final int PODS = 5;
    private static final int PER_SECOND = 100;

    private final KubernetesCluster cluster;
    private final OrdersDeployment orders;
    private final ControlPlane controlPlane;
    private final Load load;

    OutageIT(TestBed.Parts parts) {
        cluster = parts.cluster;
        orders = parts.orders;
        controlPlane = parts.controlPlane;
        load = parts.sample.load();
    }

    @BeforeEach
    void fivePodsShareTheLoad() {
        orders.scaleTo(PODS);
        load.awaitAnswersFrom(orders.podNames());
    }

    @Test
    void anApiServerStoppedForOneMinuteChangesNothingForTheClient() {
        List<String> pods = orders.podNames();
        try (Steady steady = load.atRate(PER_SECOND)) {
            long stopped = System.nanoTime();
            cluster.stopApiServer();
            steady.awaitSeconds(60);
            cluster.startApiServer();
            steady.awaitSeconds(20); // in which everybody reconnects and the nodes' leases are looked at
            Answers answers = steady.stop().sentSince(stopped);

            Figure.report(
                    "requests around the API server's outage", answers.all().size());
            Figure.report("failed", answers.failures().size());
            Figure.report("max/mean", answers.maxOverMean(pods));
            assertThat(answers.failures()).isEmpty();
            assertThat(answers.maxOverMean(pods)).as("%s", answers).isLessThanOrEqualTo(1.15);
        }
        orders.scaleTo(PODS + 1);
        load.awaitAnswersFrom(orders.podNames());
    }

    @Test
    void aControlPlaneKilledAndRestartedFailsNoRequestAndSendsNoEndpointListAgain() {
        String client = onlyStream().node();
        try (Steady steady = load.atRate(PER_SECOND)) {
            controlPlane.kill();
            steady.awaitSeconds(5);
            controlPlane.restart();
            await("the client back")
                    .atMost(Duration.ofMinutes(1))
                    .until(() -> controlPlane.endpointStreams().stream()
                            .anyMatch(stream -> stream.node().equals(client)));
            steady.awaitSeconds(5);
            EndpointStream stream = onlyStream();
            Answers answers = steady.stop();

            Figure.report(
                    "requests around the control plane's restart", answers.all().size());
            Figure.report("failed", answers.failures().size());
            Figure.report("endpoint lists sent again", stream.resources());
            assertThat(answers.failures()).isEmpty();
            assertThat(stream.subscribed()).isNotEmpty();
            assertThat(stream.resources()).as("%s", stream).isZero();
        }
        orders.scaleTo(PODS + 1);
        load.awaitAnswersFrom(orders.podNames());
        assertThat(onlyStream().resources()).isPositive();
    }

    private EndpointStream onlyStream() {
        List<EndpointStream> streams = controlPlane.endpointStreams();
        assertThat(streams).hasSize(1);
        return streams.get(0);
    }
}
