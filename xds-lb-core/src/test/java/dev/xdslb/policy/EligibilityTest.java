/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.policy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.xdslb.endpoint.Endpoint;
import dev.xdslb.endpoint.EndpointHealth;
import dev.xdslb.policy.Exclusion.Reason;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;

class EligibilityTest {
    private static final Instant NOW = Instant.parse("2026-11-24T10:00:00Z");
    private static final long NANOS = 1_000_000;

    private final Member healthy = Members.member(1, 1, EndpointHealth.HEALTHY);
    private final Member other = Members.member(2, 1, EndpointHealth.HEALTHY);

    @Test
    void unreadyAndDraining_areOut_forGood() {
        Member unready = Members.member(3, 1, EndpointHealth.UNHEALTHY);
        Member draining = Members.member(4, 1, EndpointHealth.DRAINING);

        Eligibility sorted = sort(unready, draining, healthy);

        assertThat(sorted.eligible()).containsExactly(healthy);
        assertThat(sorted.exclusions())
                .containsExactly(
                        new Exclusion(unready.endpoint(), Reason.NOT_READY, null),
                        new Exclusion(draining.endpoint(), Reason.DRAINING, null));
    }

    @Test
    void degraded_isOutWhileHealthyOnesExist() {
        Member degraded = Members.member(3, 1, EndpointHealth.DEGRADED);

        assertThat(sort(degraded, healthy).exclusions())
                .containsExactly(new Exclusion(degraded.endpoint(), Reason.DEGRADED, null));
        assertThat(sort(degraded).exclusions()).isEmpty();
    }

    @Test
    void whatTheCallerCannotUse_isOut_andLeavesTheDegradedOnes() {
        Member degraded = Members.member(3, 1, EndpointHealth.DEGRADED);

        Eligibility sorted = sort(endpoint -> !endpoint.equals(healthy.endpoint()), degraded, healthy);

        assertThat(sorted.eligible()).containsExactly(degraded);
        assertThat(sorted.exclusions())
                .containsExactly(new Exclusion(healthy.endpoint(), Reason.UNUSABLE_FOR_CALLER, null));
    }

    @Test
    void ejected_isOutUntilItsTimeIsUp_andThenAwaitsItsProbe() {
        Member ejected = Members.member(3, 1, EndpointHealth.HEALTHY);
        ejected.ejection().ejectedUntil = NANOS + Duration.ofSeconds(2).toNanos();
        ejected.ejection().phase = EjectionState.Phase.EJECTED;

        Eligibility sorted = sort(ejected, healthy, other);
        assertThat(sorted.isPanic()).isFalse();
        assertThat(sorted.ejected()).isEqualTo(1);
        assertThat(sorted.awaitingProbe()).isEmpty();
        assertThat(sorted.exclusions())
                .containsExactly(new Exclusion(ejected.endpoint(), Reason.EJECTED, NOW.plusSeconds(2)));

        ejected.ejection().startProbing(NANOS);
        assertThat(sort(ejected, healthy, other).awaitingProbe()).containsExactly(ejected);
        assertThat(sort(ejected, healthy, other).exclusions())
                .containsExactly(new Exclusion(ejected.endpoint(), Reason.AWAITS_PROBE, null));
    }

    @Test
    void panic_ignoresEjection_neverReadiness() {
        Member ejected = Members.member(3, 1, EndpointHealth.HEALTHY);
        Member probed = Members.member(4, 1, EndpointHealth.HEALTHY);
        Member unready = Members.member(5, 1, EndpointHealth.UNHEALTHY);
        ejected.ejection().phase = EjectionState.Phase.EJECTED;
        probed.ejection().startProbing(NANOS);

        Eligibility sorted = sort(ejected, probed, unready, healthy);

        assertThat(sorted.isPanic()).isTrue();
        assertThat(sorted.ejected()).isZero();
        assertThat(sorted.awaitingProbe()).containsExactly(probed);
        assertThat(sorted.eligible()).containsExactly(ejected, probed, healthy);
        assertThat(sorted.exclusions()).containsExactly(new Exclusion(unready.endpoint(), Reason.NOT_READY, null));
    }

    @Test
    void avoided_isOutForAWhile_whereAnotherIsLeft() {
        healthy.ejection().avoid(NANOS, Duration.ofSeconds(1).toNanos());

        Eligibility sorted = sort(healthy, other);
        assertThat(sorted.eligible()).containsExactly(other);
        assertThat(sorted.exclusions())
                .containsExactly(new Exclusion(healthy.endpoint(), Reason.AVOIDED, NOW.plusSeconds(1)));

        assertThat(sort(healthy).eligible()).containsExactly(healthy);
        assertThat(sort(healthy).exclusions()).isEmpty();
    }

    @Test
    void exclusion_readsAsASentence() {
        assertThat(new Exclusion(healthy.endpoint(), Reason.EJECTED, NOW))
                .hasToString("10.0.0.2:8080: ejected until 2026-11-24T10:00:00Z");
        assertThat(new Exclusion(healthy.endpoint(), Reason.NOT_READY, null)).hasToString("10.0.0.2:8080: not ready");
    }

    private static Eligibility sort(Member... members) {
        return sort(endpoint -> true, members);
    }

    private static Eligibility sort(Predicate<Endpoint> usable, Member... members) {
        UnprovenEndpoints unproven = new UnprovenEndpoints(EjectionSettings.DEFAULT, () -> NANOS);
        return new Eligibility(
                List.of(members), usable, unproven, Map.of(), PolicySettings.DEFAULT_PANIC_THRESHOLD, NANOS, NOW);
    }
}
