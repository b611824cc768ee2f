/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane;

import dev.xdslb.controlplane.ads.ClientVariant.Family;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotBlank;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.validation.annotation.Validated;

/**
 * Settings of the control plane.
 *
 * @param source where the objects come from; by default manifests when manifests.directory is set, else kubernetes
 * @param manifests settings of the source manifests
 * @param address IP address on which xDS is served; all by default
 * @param port port on which xDS is served; 0 takes a free one
 * @param namespaces namespaces whose services are served; empty means all
 * @param kubernetesCluster name of the Kubernetes cluster that is watched
 * @param labels labels of a pod that are sent to the clients
 * @param trustInitialVersions kinds of clients that, when they reconnect, are not sent again what they say they hold;
 *     take envoy out for a version that forgets clusters in spite of what it says
 */
@Validated
@ConfigurationProperties("xds-lb.control-plane")
public record ControlPlaneProperties(
        @Nullable Source source,
        @DefaultValue Manifests manifests,
        @Nullable String address,
        @DefaultValue("18000") @Min(0) @Max(65535) int port,
        @DefaultValue List<String> namespaces,
        @DefaultValue("default") @NotBlank String kubernetesCluster,
        @DefaultValue List<String> labels,
        @DefaultValue({"xds-lb", "envoy", "grpc"}) Set<Family> trustInitialVersions) {

    /** Where the objects come from. */
    public enum Source {
        /** The API server of the cluster in which this runs, or that the kubeconfig names. */
        KUBERNETES,
        /** A folder of YAML files. */
        MANIFESTS
    }

    /**
     * Settings of the source manifests.
     *
     * @param directory folder whose files *.yaml and *.yml are read
     */
    public record Manifests(@Nullable Path directory) {}

    public Source effectiveSource() {
        if (source != null) {
            return source;
        }
        return manifests.directory() != null ? Source.MANIFESTS : Source.KUBERNETES;
    }
}
