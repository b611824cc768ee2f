/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.sample.demo;

/** The clients that the demo puts beside one another, as reports name them ("system"). */
enum ClientKind {
    /** The sample's balanced {@code RestClient}. */
    XDS_LB_HTTP("xds-lb-http", "xds-lb over HTTP"),
    /** The sample's balanced gRPC stub. */
    XDS_LB_GRPC("xds-lb-grpc", "xds-lb over gRPC"),
    /** A client whose connections stay where kube-proxy has put them. */
    PINNED("pinned", "pinned connections");

    private final String id;
    private final String title;

    ClientKind(String id, String title) {
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
