/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.xdslb.cluster.ServicePolicy.Ejection;
import dev.xdslb.cluster.ServicePolicy.Limits;
import dev.xdslb.cluster.ServicePolicy.SlowStart;
import dev.xdslb.endpoint.OutOfRangeException;
import dev.xdslb.policy.EjectionSettings;
import dev.xdslb.policy.PolicySettings;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class ServicePolicyTest {
    @Test
    void whatIsNotSaid_isLeftToTheLevelBelow() {
        assertThat(ServicePolicy.NONE.over(PolicySettings.DEFAULT)).isEqualTo(PolicySettings.DEFAULT);
    }

    @Test
    void whatIsSaid_comesFirst_partByPart() {
        PolicySettings settings = ServicePolicy.NONE
                .withSlowStart(new SlowStart(Duration.ofSeconds(60), null, null))
                .withLimits(new Limits(null, 100))
                .over(PolicySettings.DEFAULT);

        assertThat(settings.slowStart().window()).isEqualTo(Duration.ofSeconds(60));
        assertThat(settings.slowStart().minShare())
                .isEqualTo(PolicySettings.DEFAULT.slowStart().minShare());
        assertThat(settings.limits().maxInFlight()).isEqualTo(100);
        assertThat(settings.ejection()).isEqualTo(EjectionSettings.DEFAULT);
    }

    @Test
    void oneOfTheTwoEjectionTimes_takesTheOtherOneAlong() {
        Ejection longFirst = new Ejection(null, null, null, Duration.ofSeconds(90), null, null, null, null);
        Ejection shortMax = new Ejection(null, null, null, null, Duration.ofMillis(500), null, null, null);

        assertThat(longFirst.over(EjectionSettings.DEFAULT).maxTime()).isEqualTo(Duration.ofSeconds(90));
        assertThat(shortMax.over(EjectionSettings.DEFAULT).baseTime()).isEqualTo(Duration.ofMillis(500));
    }

    @Test
    void valueOutOfItsRange_isNamed() {
        ServicePolicy policy = ServicePolicy.NONE.withSlowStart(new SlowStart(null, 2.0, null));

        assertThatThrownBy(() -> policy.over(PolicySettings.DEFAULT))
                .isInstanceOf(OutOfRangeException.class)
                .hasMessageContaining("minShare");
    }
}
