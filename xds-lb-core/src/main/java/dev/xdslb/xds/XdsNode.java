/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.xds;

import static java.util.Objects.requireNonNull;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import dev.xdslb.xds.proto.Node;
import java.util.UUID;
import org.apiguardian.api.API;

/**
 * Who the control plane is talking to.
 *
 * @param id unique per process, never empty
 * @param cluster the name of the application, empty when unknown
 * @param namespace the application's Kubernetes namespace, empty when unknown; completes names that give none
 * @param pod the name of the application's pod, empty when it runs in none
 * @param podNamespace the namespace that the pod is in, empty when unknown; another one than {@code namespace} where the
 *     application says that it means the services of another one
 * @param zone where the application runs, empty when unknown
 */
@API(status = API.Status.STABLE)
public record XdsNode(String id, String cluster, String namespace, String pod, String podNamespace, String zone) {
    private static final String USER_AGENT = "xds-lb";

    public XdsNode {
        requireNonNull(id, "id");
        requireNonNull(cluster, "cluster");
        requireNonNull(namespace, "namespace");
        requireNonNull(pod, "pod");
        requireNonNull(podNamespace, "podNamespace");
        requireNonNull(zone, "zone");
        if (id.isEmpty()) {
            throw new IllegalArgumentException("id: empty (expected: a text that is unique per process)");
        }
    }

    /** Describes a process whose pod is in its namespace. */
    public XdsNode(String id, String cluster, String namespace, String pod, String zone) {
        this(id, cluster, namespace, pod, namespace, zone);
    }

    /** Returns the same process in a pod of this namespace; unchanged where the name is empty. */
    public XdsNode inPodNamespace(String name) {
        return name.isEmpty() ? this : new XdsNode(id, cluster, namespace, pod, name, zone);
    }

    /** Describes this process, under an id that no other process has. */
    public static XdsNode ofThisProcess(String cluster, String namespace, String pod, String zone) {
        String readable = !pod.isEmpty() ? pod : !cluster.isEmpty() ? cluster : USER_AGENT;
        return new XdsNode(readable + '~' + UUID.randomUUID(), cluster, namespace, pod, zone);
    }

    Node toProto() {
        Struct.Builder metadata = Struct.newBuilder();
        putKnown(metadata, "namespace", namespace);
        putKnown(metadata, "pod", pod);
        Node.Builder node = Node.newBuilder()
                .setId(id)
                .setCluster(cluster)
                .setUserAgentName(USER_AGENT)
                .setMetadata(metadata);
        if (!zone.isEmpty()) {
            node.setLocality(Node.Locality.newBuilder().setZone(zone));
        }
        return node.build();
    }

    private static void putKnown(Struct.Builder metadata, String name, String value) {
        if (!value.isEmpty()) {
            metadata.putFields(name, Value.newBuilder().setStringValue(value).build());
        }
    }
}
