/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.migration;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A folder with a Service, for the control plane. */
final class Manifests {
    private Manifests() {}

    static void write(Path folder, String service, int port) throws IOException {
        Files.writeString(folder.resolve(service + ".yaml"), """
                apiVersion: v1
                kind: Service
                metadata: {name: %1$s, namespace: shop}
                spec:
                  ports: [{name: http, port: 80}]
                ---
                apiVersion: discovery.k8s.io/v1
                kind: EndpointSlice
                metadata:
                  name: %1$s-1
                  namespace: shop
                  labels: {kubernetes.io/service-name: %1$s}
                addressType: IPv4
                ports: [{name: http, port: %2$d}]
                endpoints: [{addresses: [127.0.0.1], conditions: {ready: true}}]
                """.formatted(service, port));
    }
}
