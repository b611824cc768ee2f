/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;

class UsageLevelTest {
    private final UsageLevel level = new UsageLevel();
    private final List<Member> members = Members.healthy(4);

    @Test
    void meanBecomesZero_andSmallDifferencesStay() {
        use(100, 101, 102, 101);

        level.tick(members, 0.1);
        level.tick(members, 60);

        assertThat(members).extracting(member -> member.load().usage()).containsExactly(-1.0, 0.0, 1.0, 0.0);
    }

    @Test
    void whatIsBeyondThreeRequests_fadesInSeconds() {
        use(0, 400, 400, 400);

        level.tick(members, 2);
        assertThat(usage(0)).isCloseTo(-3 - 297 * Math.exp(-1), within(0.01));

        for (int i = 0; i < 200; i++) {
            level.tick(members, 0.1);
        }
        assertThat(usage(0)).isCloseTo(-3, within(0.2));
    }

    @Test
    void noMember_isNoError() {
        level.tick(List.of(), 0.1);
        level.tick(members.subList(0, 1), 0.1);

        assertThat(usage(0)).isZero();
    }

    private void use(double... requests) {
        for (int i = 0; i < requests.length; i++) {
            members.get(i).load().usage(requests[i]);
        }
    }

    private double usage(int member) {
        return members.get(member).load().usage();
    }
}
