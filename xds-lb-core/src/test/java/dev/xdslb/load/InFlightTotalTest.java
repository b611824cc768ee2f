/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.load;

import static org.assertj.core.api.Assertions.assertThat;

import dev.xdslb.FakeNanoClock;
import dev.xdslb.endpoint.EndpointKey;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class InFlightTotalTest {
    private static final Duration MAX_AGE = EndpointLoad.MAX_LEASE_AGE;

    private final FakeNanoClock clock = new FakeNanoClock();
    private final EndpointLoad load = new EndpointLoad(new EndpointKey("uid", "10.0.0.1", 80), clock);
    private final InFlightTotal total = new InFlightTotal(clock);

    @Test
    void requestsAndStreams_countUntilTheyEnd() {
        long request = started(load.begin(true));
        long stream = started(load.beginStream());
        assertThat(total.get()).isEqualTo(2);

        total.ended(request);
        total.ended(stream);
        assertThat(total.get()).isZero();
    }

    @Test
    void requestThatIsNeverEnded_isGivenUpBetweenOneAndTwoMaximumAges_andAStreamNever() {
        long abandoned = started(load.begin(true));
        long stream = started(load.beginStream());

        pass(MAX_AGE);
        assertThat(total.get()).isEqualTo(2);
        pass(MAX_AGE);
        assertThat(total.get()).isEqualTo(1);

        long open = started(load.begin(true));
        total.ended(abandoned);
        assertThat(total.get()).isEqualTo(2);
        total.ended(open);
        total.ended(stream);
        assertThat(total.get()).isZero();
    }

    @Test
    void streamThatBeganAsARequest_isNotGivenUp_andCountsOnce_whicheverThreadIsFirst() {
        for (boolean endIsFirst : new boolean[] {false, true}) {
            long request = started(load.begin(true));
            long answered = RequestState.asStream(request);
            if (endIsFirst) {
                total.ended(answered);
                total.moved(request, answered);
            } else {
                total.moved(request, answered);
                assertThat(total.get()).isEqualTo(1);
                pass(MAX_AGE.multipliedBy(5));
                assertThat(total.get()).isEqualTo(1);
                total.ended(answered);
            }
            assertThat(total.get()).isZero();
        }
    }

    @Test
    void answeredRequest_isGivenUp_asOneThatIsNotAnswered() {
        long request = started(load.begin(true));
        long answered = RequestState.withFirstMessage(request, true);
        total.moved(request, answered);
        assertThat(total.get()).isEqualTo(1);

        pass(MAX_AGE.multipliedBy(5));
        assertThat(total.get()).isZero();
        total.ended(answered);
        assertThat(total.get()).isZero();
    }

    @Test
    void requestThatStartsAheadOfTheTick_isCounted() {
        clock.advance(MAX_AGE);
        long ahead = started(load.begin(true));
        total.tick();
        assertThat(total.get()).isEqualTo(1);

        total.ended(ahead);
        assertThat(total.get()).isZero();
    }

    private long started(long begun) {
        total.started(begun);
        return begun;
    }

    private void pass(Duration time) {
        clock.advance(time);
        total.tick();
    }
}
