/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.xds;

/** Learns what becomes of one resource. Told on the client's executor. */
interface ResourceWatcher<T> {

    /** This is it now. */
    void onResource(String version, T content);

    /** There is none, says the control plane. */
    void onAbsent(String reason);

    /** Nothing new can be known at the moment; what was told before stays valid. */
    void onUnavailable(String reason);
}
