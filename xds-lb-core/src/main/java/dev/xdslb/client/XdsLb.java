/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.client;

import static java.util.Objects.requireNonNull;
import static java.util.Objects.requireNonNullElse;

import dev.xdslb.cluster.Cluster;
import dev.xdslb.cluster.ClusterLifetime;
import dev.xdslb.cluster.ClusterRegistry;
import dev.xdslb.cluster.ClusterSettings;
import dev.xdslb.cluster.ClusterSettingsProvider;
import dev.xdslb.cluster.ServiceReference;
import dev.xdslb.grpc.GrpcRegistration;
import dev.xdslb.grpc.XdsLbGrpc;
import dev.xdslb.xds.XdsClientSettings;
import dev.xdslb.xds.XdsEndpointSource;
import dev.xdslb.xds.XdsNode;
import dev.xdslb.xds.XdsStatus;
import io.grpc.ManagedChannelBuilder;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * Balancing for an application without Spring: clusters fed by a control plane, and the gRPC targets
 * {@code xdslb:///<service>[.<namespace>][:<port>]} for as long as it is open.
 *
 * <p>One per process is enough. Close it after the channels and clients that use it. Thread-safe.
 */
public final class XdsLb implements AutoCloseable {
    private final String namespace;
    private final XdsEndpointSource source;
    private final ClusterRegistry clusters;
    private final GrpcRegistration grpc;

    private XdsLb(Builder builder, XdsClientSettings settings) {
        this.namespace = builder.namespace;
        String ownService = builder.ownService();
        this.source = new XdsEndpointSource(settings);
        this.clusters = new ClusterRegistry(source, builder.clusterSettings, builder.clusterLifetime);
        this.grpc = XdsLbGrpc.register(clusters, namespace);
        clusters.identify(Builder.variable("POD_UID"), builder.namespace, builder.pod);
        clusters.locate(builder.zone, ownService);
        source.connect();
    }

    /** Starts with the control plane where its manifests install it, and the defaults of everything else. */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * Returns the cluster of a service, watched from now on. Does not wait for its endpoints: see
     * {@link Cluster#settled()}. It may be kept and works for ever, but where nobody has used it for a while it asks the control
     * plane anew: before a pick, look whether it {@link Cluster#isSettled()}.
     *
     * @param service {@code orders}, {@code orders.shop} or {@code orders.shop:8080}; without a port, the service's only
     *     one or the one named {@code http}
     * @throws IllegalArgumentException when it is none of these
     */
    public Cluster cluster(String service) {
        return clusters.cluster(
                ServiceReference.parse(service).inNamespace(namespace).resource());
    }

    /** Returns all clusters. */
    public ClusterRegistry clusters() {
        return clusters;
    }

    /** Ties a channel to this object, whichever one is the newest in the JVM; its default service config is not used. */
    public void bind(ManagedChannelBuilder<?> channel) {
        grpc.bind(channel);
    }

    /**
     * Ties a channel to this object, and leaves it its default service config: retries, time-outs, health checks. Retries go to
     * endpoints where the call has not been.
     *
     * @param target what the channel is built for, such as {@code xdslb:///orders.shop:grpc}
     */
    public void bind(ManagedChannelBuilder<?> channel, String target) {
        grpc.bind(channel, target);
    }

    /** Returns what is known about the control plane and the services that were asked for. */
    public XdsStatus status() {
        return source.status();
    }

    /** Takes the gRPC targets back and ends the stream to the control plane. */
    @Override
    public void close() {
        grpc.close();
        clusters.close();
    }

    /** Collects what an application may say. Not thread-safe. */
    public static final class Builder {
        private static final String DEFAULT_CONTROL_PLANE = "eds-control-plane.xds-lb:18000";

        private String controlPlane = DEFAULT_CONTROL_PLANE;
        private String application = "";
        private String namespace = variable("POD_NAMESPACE");
        private String pod = variable("POD_NAME");
        private String zone = variable("XDSLB_ZONE");
        private String ownService = "";
        private ClusterSettingsProvider clusterSettings = new PolicyOfTheService(ClusterRegistry.THREAD_LOCAL_RANDOM);
        private ClusterLifetime clusterLifetime = ClusterLifetime.DEFAULT;
        private Consumer<XdsClientSettings.Builder> controlPlaneClient = settings -> {};

        private Builder() {}

        /** Sets where the control plane is: {@code host:port}. */
        public Builder controlPlane(String address) {
            this.controlPlane = requireNonNull(address, "address");
            return this;
        }

        /** Sets the name by which the control plane shows this application. */
        public Builder application(String name) {
            this.application = requireNonNull(name, "name");
            return this;
        }

        /**
         * Sets the application's own namespace: that of services which are named without one. The environment variable
         * {@code POD_NAMESPACE} is taken where it is not set.
         */
        public Builder namespace(String name) {
            this.namespace = requireNonNull(name, "name");
            return this;
        }

        /**
         * Sets the name of the application's pod, by which the control plane finds its zone and its service. The
         * environment variable {@code POD_NAME} is taken where it is not set.
         */
        public Builder pod(String name) {
            this.pod = requireNonNull(name, "name");
            return this;
        }

        /**
         * Sets the zone that the application runs in. Where it is not set, the environment variable {@code XDSLB_ZONE} is
         * taken, and without it the control plane is asked.
         */
        public Builder zone(String name) {
            this.zone = requireNonNull(name, "name");
            return this;
        }

        /**
         * Sets the Kubernetes Service that the application belongs to, in the form of {@link XdsLb#cluster}: its pods say how
         * the clients are spread over the zones. Where it is not set, the control plane is asked.
         */
        public Builder ownService(String service) {
            this.ownService = requireNonNull(service, "service");
            return this;
        }

        private String ownService() {
            return ownService.isEmpty()
                    ? ""
                    : ServiceReference.parse(ownService).inNamespace(namespace).resource();
        }

        private static String variable(String name) {
            return requireNonNullElse(System.getenv(name), "").strip();
        }

        /**
         * Sets how the cluster of a resource name is balanced, whatever the control plane says about its policy. Where nothing is
         * set, what it says is obeyed, and the defaults complete it.
         */
        public Builder clusterSettings(Function<String, ClusterSettings> settings) {
            requireNonNull(settings, "settings");
            return clusterSettings((resource, policy) -> settings.apply(resource));
        }

        /** Sets how each cluster is balanced, given what the control plane says about its policy. */
        public Builder clusterSettings(ClusterSettingsProvider settings) {
            this.clusterSettings = requireNonNull(settings, "settings");
            return this;
        }

        /** Sets how long clusters are watched that nobody uses and the settings do not name, and how many there may be. */
        public Builder clusterLifetime(ClusterLifetime lifetime) {
            this.clusterLifetime = requireNonNull(lifetime, "lifetime");
            return this;
        }

        /** Changes how the control plane is talked to, such as over TLS. */
        public Builder controlPlaneClient(Consumer<XdsClientSettings.Builder> changes) {
            this.controlPlaneClient = requireNonNull(changes, "changes");
            return this;
        }

        /**
         * Starts. Waits for nothing: a control plane that is away is tried again and again.
         *
         * @throws IllegalArgumentException when a value is out of its range; the message names it
         */
        public XdsLb build() {
            XdsClientSettings.Builder settings = XdsClientSettings.builder(
                    controlPlane,
                    XdsNode.ofThisProcess(application, namespace, pod, zone).inPodNamespace(variable("POD_NAMESPACE")));
            controlPlaneClient.accept(settings);
            return new XdsLb(this, settings.build());
        }
    }
}
