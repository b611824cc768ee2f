/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.offset;

import dev.xdslb.endpoint.EndpointHealth;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class PoolTest {

    @Test
    void notReadyAndDraining_areKnownButNeverCandidates() {
        Plan plan = Members.chain()
                .plan(
                        List.of(
                                Members.member(0, 1, EndpointHealth.HEALTHY),
                                Members.member(1, 1, EndpointHealth.UNHEALTHY),
                                Members.member(2, 1, EndpointHealth.DRAINING)),
                        endpoint -> true);

        assertThat(plan.known()).isEqualTo(3);
        assertThat(plan.eligible()).isEqualTo(1);
        assertThat(addresses(plan.groups().get(0))).containsExactly("10.0.0.1:8080");
    }

    @Test
    void degraded_areUsedOnlyWhereNothingHealthyIsLeft() {
        Member degraded = Members.member(1, 1, EndpointHealth.DEGRADED);

        assertThat(addresses(Members.pool(List.of(Members.member(0, 1, EndpointHealth.HEALTHY), degraded))))
                .containsExactly("10.0.0.1:8080");
        assertThat(addresses(Members.pool(List.of(degraded, Members.member(2, 1, EndpointHealth.UNHEALTHY)))))
                .containsExactly("10.0.0.2:8080");
    }

    @Test
    void weights_areRelativeToTheMeanOfThePool() {
        Pool pool = Members.pool(Members.weighted(100, 300));

        assertThat(pool.get(0).weight()).isEqualTo(0.5, offset(1e-12));
        assertThat(pool.get(1).weight()).isEqualTo(1.5, offset(1e-12));
        assertThat(pool.isUniform()).isFalse();
        assertThat(Members.pool(Members.weighted(7, 7)).isUniform()).isTrue();
    }

    @Test
    void restrictedPool_holdsOnlyWhatTheCallerCanUse() {
        Plan plan = Members.chain()
                .plan(Members.healthy(3), endpoint -> endpoint.key().host().endsWith(".2"));

        assertThat(addresses(plan.groups().get(0))).containsExactly("10.0.0.2:8080");
    }

    private static List<String> addresses(Pool pool) {
        return IntStream.range(0, pool.size())
                .mapToObj(i -> pool.get(i).endpoint().address())
                .toList();
    }
}
