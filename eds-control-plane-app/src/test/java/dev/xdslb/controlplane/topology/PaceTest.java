/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.topology;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class PaceTest {

    private final Pace pace = new Pace(Duration.ofMillis(50), Duration.ofMillis(250));

    @Test
    void firstChange_isDueAtOnce() {
        change(1_000);

        assertThat(millisUntilDue(1_000)).isZero();
    }

    @Test
    void changeAfterAQuietTime_isDueAtOnce() {
        announcedAt(1_000);
        change(1_050);

        assertThat(millisUntilDue(1_050)).isZero();
    }

    @Test
    void changesThatFollowClosely_waitUntilItIsQuiet() {
        announcedAt(1_000);
        change(1_010);
        assertThat(millisUntilDue(1_010)).isEqualTo(50);

        change(1_040);

        assertThat(millisUntilDue(1_040)).isEqualTo(50);
        assertThat(millisUntilDue(1_090)).isZero();
    }

    @Test
    void changesWithoutAPause_waitForTheMaximumOnly() {
        announcedAt(1_000);
        for (int time = 1_010; time <= 1_250; time += 10) {
            change(time);
        }

        assertThat(millisUntilDue(1_250)).isEqualTo(10);
        assertThat(millisUntilDue(1_260)).isZero();
    }

    @Test
    void changeThatMayWait_waitsAlsoAfterIdle_andGoesAlongWithOneThatMayNot() {
        changeThatMayWait(1_000);
        assertThat(millisUntilDue(1_000)).isEqualTo(50);

        change(1_005);

        assertThat(millisUntilDue(1_005)).isZero();
    }

    @Test
    void changeThatTurnedOutToBeNone_delaysNothing() {
        change(1_000);
        pace.done(nanos(1_000), false);
        assertThat(pace.isPending()).isFalse();

        change(1_010);

        assertThat(millisUntilDue(1_010)).isZero();
    }

    @Test
    void clockThatOverflows_isNoProblem() {
        long beforeOverflow = Long.MAX_VALUE - nanos(20);
        pace.changed(beforeOverflow, true);
        pace.done(beforeOverflow, true);
        pace.changed(beforeOverflow + nanos(10), true);

        assertThat(pace.nanosUntilDue(beforeOverflow + nanos(40))).isEqualTo(nanos(20));
    }

    private void announcedAt(long millis) {
        change(millis);
        pace.done(nanos(millis), true);
    }

    private void change(long millis) {
        pace.changed(nanos(millis), true);
    }

    private void changeThatMayWait(long millis) {
        pace.changed(nanos(millis), false);
    }

    private long millisUntilDue(long nowMillis) {
        return TimeUnit.NANOSECONDS.toMillis(pace.nanosUntilDue(nanos(nowMillis)));
    }

    private static long nanos(long millis) {
        return TimeUnit.MILLISECONDS.toNanos(millis);
    }
}
