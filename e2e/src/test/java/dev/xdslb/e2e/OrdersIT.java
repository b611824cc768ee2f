/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.xdslb.e2e.Load.Steady;
import dev.xdslb.e2e.SampleService.Client;
import io.fabric8.kubernetes.api.model.Pod;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a service that calls {@code orders} sees of the life of its pods. */
@ExtendWith(TestBed.class)
class OrdersIT {

    private static final int PODS = 5;
    private static final Duration PACE = Duration.ofMillis(20);

    /** Pods that are alike are loaded alike. A client that pins its connections is at two to three. */
    private static final double EVEN = 1.06;

    /** The same where a pod is new, once its ramp is over; fewer requests tell a little less exactly. */
    private static final double EVEN_AFTER_RAMP = 1.10;

    /** So long a pod gets less than its share after it is ready: the default of {@code xds-lb.slow-start.window}. */
    private static final Duration RAMP = Duration.ofSeconds(30);

    private final OrdersDeployment orders;
    private final SampleService sample;
    private final Load load;

    OrdersIT(TestBed.Parts parts) {
        orders = parts.orders;
        sample = parts.sample;
        load = sample.load();
    }

    @BeforeEach
    void fivePodsShareTheLoad() {
        orders.scaleTo(PODS);
        load.awaitAnswersFrom(orders.podNames());
    }

    @ParameterizedTest
    @EnumSource
    void fivePodsAreBalancedEvenly(Client client) {
        List<String> pods = orders.podNames();
        awaitRamp();

        Answers answers = sample.load(client).burst(5_000, 16);

        Figure.report("max/mean over 5,000 requests by " + client, answers.maxOverMean(pods));
        assertThat(answers.failures()).isEmpty();
        assertThat(answers.maxOverMean(pods)).as("%s", answers).isLessThanOrEqualTo(EVEN);
    }

    @Test
    void aPodThatIsFiveTimesSlowerGetsAtMostHalfOfTheMean() {
        Pod slow = orders.pods().get(0);
        orders.pace(slow, PACE.multipliedBy(5));

        Answers answers;
        try {
            answers = load.burst(5_000, 16);
        } finally {
            orders.pace(slow, PACE);
        }

        double share = answers.shareOfMean(orders.podNames(), nameOf(slow));
        Figure.report("share of the mean that the slow pod got", share);
        assertThat(answers.failures()).isEmpty();
        assertThat(share).as("%s", answers).isLessThanOrEqualTo(0.5);
    }

    @Test
    void aPodThatTurnsNotReadyGetsItsLastRequestWithinOneSecondAndNoRequestFails() {
        Pod pod = orders.pods().get(0);
        try (Steady steady = load.atRate(100)) {
            steady.awaitSeconds(1);

            orders.reportReady(pod, false);
            long notReady = System.nanoTime();
            steady.awaitSeconds(5);
            Answers answers = steady.stop();

            Duration last = answers.lastAnswerAfter(notReady, nameOf(pod));
            Figure.report("ms from not ready to the pod's last answer", last.toMillis());
            assertThat(answers.failures()).isEmpty();
            assertThat(last).isLessThanOrEqualTo(Duration.ofSeconds(1));
        } finally {
            orders.reportReady(pod, true);
        }
    }

    @Test
    void aNewPodGetsItsShare() {
        try (Steady steady = load.atRate(100)) {
            orders.scaleTo(PODS + 1);
            List<String> pods = orders.podNames();
            load.awaitAnswersFrom(pods);
            awaitRamp();
            long ramped = System.nanoTime();
            steady.awaitSeconds(15);
            Answers answers = steady.stop();

            double even = answers.sentSince(ramped).maxOverMean(pods);
            Figure.report("max/mean with the new pod, after its ramp", even);
            assertThat(answers.failures()).isEmpty();
            assertThat(even).as("%s", answers).isLessThanOrEqualTo(EVEN_AFTER_RAMP);
        }
    }

    @Test
    void scaledToZeroIsAClearErrorAtOnce() {
        orders.scaleTo(0);

        await().atMost(Duration.ofSeconds(2)).until(() -> load.once().failed());
        Answer answer = load.once();

        Duration took = Duration.ofNanos(answer.endedAt() - answer.sentAt());
        Figure.report("scaled to zero", answer.status() + " after " + took.toMillis() + " ms: " + answer.body());
        assertThat(answer.status()).isEqualTo(500);
        assertThat(answer.body()).contains("no endpoint for service \\\"orders\\\"", "scaled to zero");
        assertThat(took).isLessThan(Duration.ofSeconds(1));
    }

    /** Waits until no pod is warming up any more: others than those of this test may be new, too. */
    private void awaitRamp() {
        await("the end of every pod's ramp").atMost(RAMP.multipliedBy(2)).until(() -> {
            Instant ramped = Instant.now().minus(RAMP);
            return orders.pods().stream()
                    .allMatch(pod -> OrdersDeployment.readySince(pod).isBefore(ramped));
        });
    }

    private static String nameOf(Pod pod) {
        return pod.getMetadata().getName();
    }
}
