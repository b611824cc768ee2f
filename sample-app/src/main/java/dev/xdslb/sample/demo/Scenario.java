/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.sample.demo;

/** What the script goes through, in this order. */
enum Scenario {
    HEALTHY("healthy", "Everything is well"),
    POD_KILLED("pod-killed", "Kill a pod"),
    POD_SLOW("pod-slow", "Make a pod slow"),
    POD_FAILING("pod-failing", "Make a pod fail"),
    ZONE_DOWN("zone-down", "Take a zone down"),
    PODS_ADDED("pods-added", "Add pods");

    private final String id;
    private final String title;

    Scenario(String id, String title) {
        this.id = id;
        this.title = title;
    }

    String id() {
        return id;
    }

    String title() {
        return title;
    }
}
