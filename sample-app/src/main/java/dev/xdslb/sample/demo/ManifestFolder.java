/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.sample.demo;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.stream.Stream;

/**
 * The folder of Kubernetes manifests that the control plane reads: the Service and its Nodes in one file, a Pod with its
 * EndpointSlice in a file each. Files are replaced whole, so that no reader sees half of one.
 */
final class ManifestFolder implements AutoCloseable {
    private final Path folder;

    private ManifestFolder(Path folder) {
        this.folder = folder;
    }

    /** Makes a folder with a Service that has no pods yet. */
    static ManifestFolder create(List<String> zones) {
        try {
            ManifestFolder manifests = new ManifestFolder(Files.createTempDirectory("xds-lb-demo-"));
            StringBuilder text = new StringBuilder(service());
            zones.forEach(zone -> text.append(node(zone)));
            manifests.replace("service.yaml", text.toString());
            return manifests;
        } catch (IOException e) {
            throw new UncheckedIOException("no folder for the demo's manifests", e);
        }
    }

    Path path() {
        return folder;
    }

    /** Lets an Envoy listen for whoever calls the service. */
    void writeGateway(int port) {
        replace("gateway.yaml", gateway(port));
    }

    void write(DemoPod pod) {
        replace(pod.name() + ".yaml", pod(pod) + endpointSlice(pod));
    }

    void delete(String podName) {
        try {
            Files.deleteIfExists(folder.resolve(podName + ".yaml"));
        } catch (IOException e) {
            throw new UncheckedIOException("manifest of " + podName, e);
        }
    }

    @Override
    public void close() {
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.toList()) {
                Files.deleteIfExists(file);
            }
            Files.deleteIfExists(folder);
        } catch (IOException e) {
            throw new UncheckedIOException("manifests in " + folder + " not deleted", e);
        }
    }

    private void replace(String name, String text) {
        Path draft = folder.resolve(name + ".draft");
        try {
            Files.writeString(draft, text);
            Files.move(
                    draft, folder.resolve(name), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new UncheckedIOException("manifest " + name, e);
        }
    }

    private static String service() {
        return """
                apiVersion: v1
                kind: Service
                metadata:
                  name: orders
                  namespace: shop
                spec:
                  selector: {app: orders}
                  ports:
                    - {name: http, port: 8080, targetPort: http, protocol: TCP}
                    - {name: grpc, port: 9090, targetPort: grpc, protocol: TCP}
                """;
    }

    private static String gateway(int port) {
        return """
                apiVersion: gateway.networking.k8s.io/v1
                kind: GatewayClass
                metadata:
                  name: xds-lb
                spec:
                  controllerName: xdslb.dev/gateway-controller
                ---
                apiVersion: gateway.networking.k8s.io/v1
                kind: Gateway
                metadata:
                  name: edge
                  namespace: shop
                spec:
                  gatewayClassName: xds-lb
                  listeners:
                    - {name: http, port: %d, protocol: HTTP}
                ---
                apiVersion: gateway.networking.k8s.io/v1
                kind: HTTPRoute
                metadata:
                  name: orders
                  namespace: shop
                spec:
                  parentRefs:
                    - {name: edge}
                  rules:
                    - matches:
                        - path: {type: PathPrefix, value: /orders}
                      backendRefs:
                        - {name: orders, port: 8080}
                """.formatted(port);
    }

    private static String node(String zone) {
        return """
                ---
                apiVersion: v1
                kind: Node
                metadata:
                  name: node-%1$s
                  labels:
                    topology.kubernetes.io/region: demo
                    topology.kubernetes.io/zone: zone-%1$s
                """.formatted(zone);
    }

    private static String pod(DemoPod pod) {
        return """
                apiVersion: v1
                kind: Pod
                metadata:
                  name: %s
                  namespace: shop
                  uid: %s
                  labels: {app: orders}
                spec:
                  nodeName: node-%s
                status:
                  podIP: 127.0.0.1
                  conditions:
                    - type: Ready
                      status: "%s"
                      lastTransitionTime: "%s"
                """.formatted(pod.name(), pod.uid(), pod.zone(), pod.isReady() ? "True" : "False", pod.readyChanged());
    }

    private static String endpointSlice(DemoPod pod) {
        // One slice per pod: the pods share an address, and the ports of a slice are those of all its endpoints.
        return """
                ---
                apiVersion: discovery.k8s.io/v1
                kind: EndpointSlice
                metadata:
                  name: %1$s
                  namespace: shop
                  labels: {kubernetes.io/service-name: orders}
                addressType: IPv4
                ports:
                  - {name: http, port: %2$d, protocol: TCP}
                  - {name: grpc, port: %3$d, protocol: TCP}
                endpoints:
                  - addresses: ["127.0.0.1"]
                    conditions: {ready: %4$s, serving: %4$s, terminating: false}
                    nodeName: node-%5$s
                    zone: zone-%5$s
                    targetRef: {kind: Pod, namespace: shop, name: %1$s, uid: %6$s}
                """.formatted(
                pod.name(), pod.server().httpPort(), pod.server().grpcPort(), pod.isReady(), pod.zone(), pod.uid());
    }
}
