/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.sample.demo;

/** The clients that the demo puts beside one another, as reports name them ("system"). */
enum ClientKind {
    /** The sample's balanced {@code RestClient}. */
    XDS_LB_HTTP("xds-lb-http", "xds-lb HTTP", 5),
    /** The sample's balanced gRPC stub. */
    XDS_LB_GRPC("xds-lb-grpc", "xds-lb gRPC", 5),
    /** Another application's balanced {@code RestClient}, which calls five times a second, one call after another. */
    ONE_BY_ONE("xds-lb-one-by-one", "xds-lb 5/s", 20),
    /** A client whose connections stay where kube-proxy has put them. */
    PINNED("pinned", "pinned", 5),
    /** An Envoy that calls the pods for whoever calls it, as at the edge of a cluster. Only where its program is at hand. */
    ENVOY("envoy", "Envoy", 5);

    private final String id;
    private final String title;
    private final int liveSeconds;

    ClientKind(String id, String title, int liveSeconds) {
        this.id = id;
        this.title = title;
        this.liveSeconds = liveSeconds;
    }

    String id() {
        return id;
    }

    /** Returns what it is called above its column: 13 characters at most. */
    String title() {
        return title;
    }

    /** Returns how many seconds "now" is to the views: so many that each pod can have had several requests. */
    int liveSeconds() {
        return liveSeconds;
    }
}
