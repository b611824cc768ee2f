/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.benchmarks.fanout;

import java.util.Arrays;
import java.util.List;

/** Who serves, in which of the two protocols. */
public enum FanOutSystem {
    XDS_LB_DELTA("xds-lb-delta", Server.XDS_LB, true),
    XDS_LB_SOTW("xds-lb-sotw", Server.XDS_LB, false),
    JAVA_CONTROL_PLANE_DELTA("java-control-plane-delta", Server.JAVA_CONTROL_PLANE, true),
    JAVA_CONTROL_PLANE_SOTW("java-control-plane-sotw", Server.JAVA_CONTROL_PLANE, false),
    JAVA_CONTROL_PLANE_PER_CLIENT_DELTA(
            "java-control-plane-per-client-delta", Server.JAVA_CONTROL_PLANE_PER_CLIENT, true),
    JAVA_CONTROL_PLANE_PER_CLIENT_SOTW(
            "java-control-plane-per-client-sotw", Server.JAVA_CONTROL_PLANE_PER_CLIENT, false),
    GO_CONTROL_PLANE_DELTA("go-control-plane-delta", Server.GO_CONTROL_PLANE, true),
    GO_CONTROL_PLANE_SOTW("go-control-plane-sotw", Server.GO_CONTROL_PLANE, false);

    /** The program, and how it is arranged. */
    enum Server {
        XDS_LB,
        JAVA_CONTROL_PLANE,
        JAVA_CONTROL_PLANE_PER_CLIENT,
        GO_CONTROL_PLANE
    }

    private final String label;
    private final Server server;
    private final boolean delta;

    FanOutSystem(String label, Server server, boolean delta) {
        this.label = label;
        this.server = server;
        this.delta = delta;
    }

    /** Returns the name of the system. */
    public String label() {
        return label;
    }

    Server server() {
        return server;
    }

    boolean delta() {
        return delta;
    }

    /** Returns those whose name begins so; empty for all. */
    public static List<FanOutSystem> named(String prefix) {
        List<FanOutSystem> found = Arrays.stream(values())
                .filter(system -> system.label.startsWith(prefix))
                .toList();
        if (found.isEmpty()) {
            throw new IllegalArgumentException("--system: " + prefix + " (expected: the beginning of one of "
                    + Arrays.stream(values()).map(FanOutSystem::label).toList() + ")");
        }
        return found;
    }
}
