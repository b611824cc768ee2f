/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.sample.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import org.junit.jupiter.api.Test;

class TerminalTableTest {
    private final DemoState state = new DemoState(
            "pod-failing",
            "Make a pod fail",
            "orders-a2 fails every request, at once.",
            true,
            5,
            20,
            List.of(
                    new DemoState.Client("xds-lb-http", "xds-lb HTTP", 400, 0.4, 20.0, 30.0, 1.04),
                    new DemoState.Client("xds-lb-grpc", "xds-lb gRPC", 400, 0, 20.0, 30.0, 1.03),
                    new DemoState.Client("xds-lb-one-by-one", "xds-lb 5/s", 5, 0, 20.0, 130.0, 1.20),
                    new DemoState.Client("pinned", "pinned", 400, 40, 20.0, 30.0, 3.0)),
            List.of(
                    pod("orders-a1", "ready", true, new DemoState.Traffic(40, 0, 20.0, 30.2), 0.5),
                    pod("orders-a2", "failing", false, new DemoState.Traffic(80, 80, null, null), 1)),
            List.of(new Director.Event(Instant.EPOCH, "orders-a2 fails every request, at once. ".repeat(4))),
            Instant.EPOCH);

    @Test
    void plainTable_needsNoMoreThanAsciiAndItsWidth() {
        List<String> lines = new TerminalTable(false, false, ZoneOffset.UTC).lines(state);

        assertThat(lines)
                .allSatisfy(line -> assertThat(line)
                        .hasSizeLessThanOrEqualTo(TerminalTable.WIDTH)
                        .matches("\\p{ASCII}*"));
        assertThat(lines)
                .anySatisfy(line ->
                        assertThat(line).startsWith("orders-a1  a ready").contains(" 40 ##    30 ", " 0.5 ##    30 "))
                .anySatisfy(line ->
                        assertThat(line).startsWith("orders-a2  a failing").contains(" 80 ####   - "))
                .anySatisfy(line ->
                        assertThat(line).startsWith("failed/s").contains("0.4").contains("40"))
                .anySatisfy(line -> assertThat(line)
                        .contains(" xds-lb HTTP ", " xds-lb gRPC ", " xds-lb 5/s ")
                        .endsWith(" pinned"))
                .anySatisfy(
                        line -> assertThat(line).startsWith("p50 / p99 in ms").contains(" 20 / 130 "))
                .anySatisfy(line ->
                        assertThat(line).startsWith("00:00:00  orders-a2").endsWith("..."));
    }

    @Test
    void colouredTable_endsEachColour() {
        assertThat(new TerminalTable(true, true, ZoneOffset.UTC).lines(state))
                .anyMatch(line -> line.contains("\u001b[31m"))
                .allSatisfy(line ->
                        assertThat(line.split("\u001b\\[[1-9]", -1)).hasSameSizeAs(line.split("\u001b\\[0", -1)));
    }

    private static DemoState.Pod pod(
            String name, String state, boolean well, DemoState.Traffic traffic, double oneByOne) {
        DemoState.Traffic few = new DemoState.Traffic(oneByOne, 0, 20.0, 30.2);
        return new DemoState.Pod(name, "a", state, well, List.of(traffic, traffic, few, traffic));
    }
}
