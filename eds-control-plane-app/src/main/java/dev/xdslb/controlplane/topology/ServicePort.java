/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.topology;

import static java.util.Objects.requireNonNull;

/**
 * A port of a Service.
 *
 * @param name empty where the Service has one port without a name
 * @param number the Service's own number, not that of the pods
 * @param http2 whether pods speak HTTP/2 without TLS there
 */
public record ServicePort(String name, int number, boolean http2) {

    public static final int MAX_NUMBER = 65_535;

    public ServicePort {
        requireNonNull(name, "name");
    }

    /** Returns whether a port can have this number. */
    public static boolean isNumber(int number) {
        return number >= 1 && number <= MAX_NUMBER;
    }

    @Override
    public String toString() {
        return name.isEmpty() ? Integer.toString(number) : number + " (" + name + ")";
    }
}
