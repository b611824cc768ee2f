/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

@ExtendWith(OutputCaptureExtension.class)
class WatchMonitorTest {

    private final WatchMonitor monitor = new WatchMonitor();

    @Test
    void watchThatIsRenewed_isNoNews(CapturedOutput output) {
        monitor.look(List.of());
        monitor.look(List.of("v1/pods"));
        monitor.look(List.of("v1/nodes"));
        monitor.look(List.of());

        assertThat(output).doesNotContain("watched");
    }

    @Test
    void lostWatch_isSaidOnce_andItsReturnToo(CapturedOutput output) {
        for (int i = 0; i < 10; i++) {
            monitor.look(List.of("v1/pods", "v1/nodes"));
        }
        assertThat(output).containsOnlyOnce("not watched, the last state is served: v1/pods, v1/nodes");

        monitor.look(List.of());
        monitor.look(List.of());

        assertThat(output).containsOnlyOnce("watched again: v1/pods, v1/nodes");
    }
}
