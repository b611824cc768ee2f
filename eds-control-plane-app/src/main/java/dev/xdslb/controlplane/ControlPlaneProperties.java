/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane;

import dev.xdslb.controlplane.ads.ClientVariant.Family;
import dev.xdslb.controlplane.ads.XdsServerSettings.ClientStatusAccess;
import io.netty.handler.ssl.ClientAuth;
import jakarta.validation.Valid;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotBlank;
import java.nio.file.Path;
import java.time.Duration;
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
 * @param kubernetesCluster name of the Kubernetes cluster that is watched; nothing is served before it is synced
 * @param clusterDomain domain of the Kubernetes clusters, in which names of Services such as orders.shop.svc.cluster.local end
 * @param labels labels of a pod that are sent to the clients
 * @param trustInitialVersions kinds of clients that, when they reconnect, are not sent again what they say they hold;
 *     take envoy out for a version that forgets clusters in spite of what it says
 * @param clusters further Kubernetes clusters
 * @param clustersDirectory folder of further, optional clusters, followed while it runs: each file in it is a kubeconfig,
 *     each folder in it has manifests, and its name without .kubeconfig, .yaml or .yml is the cluster's
 * @param syncTimeout how long the first state waits for clusters that are not required
 * @param keepLost how long endpoints of a cluster that is not required are served after it was last heard from
 * @param keepRemoved how long endpoints of a cluster are served after it was taken out
 * @param peers the control plane's own Service, as service.namespace: its other replicas are asked when the watch of this one
 *     is stale; nobody is by default
 * @param maxStaleness for how long the watch of this replica may be silent before its clients are sent to another one that
 *     hears the API server
 * @param events whether what is wrong with the annotations of a Service or Pod is also said by an Event on it
 * @param gatewayApi settings of the objects of the Kubernetes Gateway API, by which an Envoy is an ingress
 * @param massNotReady when pods are served as ready though Kubernetes takes them for not ready
 * @param server settings of the xDS port
 */
@Validated
@ConfigurationProperties(prefix = "xds-lb.control-plane", ignoreUnknownFields = false)
public record ControlPlaneProperties(
        @Nullable Source source,
        @DefaultValue Manifests manifests,
        @Nullable String address,
        @DefaultValue("18000") @Min(0) @Max(65535) int port,
        @DefaultValue List<String> namespaces,
        @DefaultValue("default") @NotBlank String kubernetesCluster,
        @DefaultValue("cluster.local") @NotBlank String clusterDomain,
        @DefaultValue List<String> labels,
        @DefaultValue({"xds-lb", "envoy", "grpc"}) Set<Family> trustInitialVersions,
        @DefaultValue List<@Valid Cluster> clusters,
        @Nullable Path clustersDirectory,
        @DefaultValue("30s") Duration syncTimeout,
        @DefaultValue("1h") Duration keepLost,
        @DefaultValue("30s") Duration keepRemoved,
        @Nullable String peers,
        @DefaultValue("2m") Duration maxStaleness,
        @DefaultValue("true") boolean events,
        @DefaultValue @Valid GatewayApi gatewayApi,
        @DefaultValue MassNotReady massNotReady,
        @DefaultValue @Valid Server server) {

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

    /**
     * A further Kubernetes cluster, with either a kubeconfig or manifests.
     *
     * @param name name of the cluster, unlike that of any other
     * @param kubeconfig file that says how to reach its API server
     * @param context context of the kubeconfig; the current one by default
     * @param manifests settings of a folder that stands for the cluster
     * @param required whether nothing is served before it is synced; otherwise it is waited for no longer than sync-timeout
     */
    public record Cluster(
            @NotBlank String name,
            @Nullable Path kubeconfig,
            @Nullable String context,
            @DefaultValue Manifests manifests,
            @DefaultValue("false") boolean required) {}

    /**
     * Objects of the Kubernetes Gateway API: GatewayClasses, Gateways, HTTPRoutes and GRPCRoutes of the own Kubernetes cluster.
     *
     * @param enabled whether they are watched, and listeners and routes are served of them to an Envoy that says which Gateway it is
     * @param status whether what is said of them is written into their statuses
     * @param addresses where Gateways can be reached from outside, for their statuses; a status says nothing of it by default
     * @param secrets whether the Secrets that listeners of Gateways name are read and handed to the Envoys of identities, over
     *     mutual TLS alone
     * @param identities by which certificate an Envoy is known to be that of a Gateway
     * @param ipFamily what Envoys listen to for a Gateway without the annotation xdslb.dev/ip-family
     * @param virtualHostDiscovery whether an Envoy that can (1.37 or newer, by the incremental protocol) is told of the hosts of a
     *     Gateway one by one, so that a change of one costs no more than that one, and not with all routes of the port
     */
    public record GatewayApi(
            @DefaultValue("false") boolean enabled,
            @DefaultValue("true") boolean status,
            @DefaultValue List<@Valid Addresses> addresses,
            @DefaultValue("false") boolean secrets,
            @DefaultValue List<@Valid Identity> identities,
            @DefaultValue("ipv4") IpFamily ipFamily,
            @DefaultValue("true") boolean virtualHostDiscovery) {}

    /** What the Envoys of Gateways listen to. */
    public enum IpFamily {
        /** All addresses of IPv4, which every kernel has. */
        IPV4,
        /** All addresses of IPv4 and IPv6. Where a kernel has no IPv6 at all, Envoy opens nothing. */
        DUAL_STACK
    }

    /**
     * Where a Gateway can be reached.
     *
     * @param gateway the Gateway as namespace/name
     * @param values IP addresses and host names
     */
    public record Addresses(
            @NotBlank String gateway, @DefaultValue List<@NotBlank String> values) {}

    /**
     * The certificate of a Gateway's Envoys.
     *
     * @param gateway the Gateway as namespace/name
     * @param san a subject alternative name that the certificate has: a URI (spiffe://cluster.local/ns/shop/sa/ingress) or a DNS
     *     name, as it stands, without wildcards
     */
    public record Identity(
            @NotBlank String gateway, @NotBlank String san) {}

    /**
     * When pods are served as ready though Kubernetes takes them for not ready: where so many are at once, without a word of
     * their kubelets, it is these that cannot reach the API server.
     *
     * @param share share of a cluster's ready pods, or of a service's on at least two Nodes; when more than that are lost,
     *     they are held. 1 turns this off
     * @param window within which losses are one event
     * @param hold how long a lost pod is served as ready at most
     */
    public record MassNotReady(
            @DefaultValue("0.5") double share,
            @DefaultValue("1m") Duration window,
            @DefaultValue("1h") Duration hold) {}

    /**
     * Settings of the xDS port.
     *
     * @param ssl how it is secured; without a bundle it is not
     * @param newStreamsPerSecond streams that begin per second, of all clients together, and a tenth of it on one connection;
     *     further ones wait, and those that would wait for more than 8 s are refused. 0 is no limit
     * @param requestsPerSecond requests of one stream that are taken per second. 0 is no limit
     * @param maxConnectionAge time after which a connection is ended, give or take 10%
     * @param clientStatus who may ask what other clients were told, by the client status discovery service (CSDS): none,
     *     local (callers on this machine, as by kubectl port-forward) or all
     * @param drain longest time in which the streams are ended at shutdown
     */
    public record Server(
            @DefaultValue Ssl ssl,
            @DefaultValue("500") @Min(0) int newStreamsPerSecond,
            @DefaultValue("1000") @Min(0) int requestsPerSecond,
            @DefaultValue("30m") Duration maxConnectionAge,
            @DefaultValue("local") ClientStatusAccess clientStatus,
            @DefaultValue("10s") Duration drain) {}

    /**
     * How the xDS port is secured.
     *
     * @param bundle name of the SSL bundle with the server's certificate, and for client-auth those that it trusts
     * @param clientAuth whether clients have to show a certificate (require), may (optional), or are not asked (none)
     */
    public record Ssl(
            @Nullable String bundle, @DefaultValue("none") ClientAuth clientAuth) {}

    public Source effectiveSource() {
        if (source != null) {
            return source;
        }
        return manifests.directory() != null ? Source.MANIFESTS : Source.KUBERNETES;
    }
}
