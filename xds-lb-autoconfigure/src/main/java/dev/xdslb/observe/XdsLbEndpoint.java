/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.observe;

import dev.xdslb.cluster.Cluster;
import dev.xdslb.cluster.ClusterPicker;
import dev.xdslb.cluster.ClusterRegistry;
import dev.xdslb.cluster.Fault;
import dev.xdslb.strategy.LoadBalancingStrategy;
import dev.xdslb.xds.XdsStatus;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.springframework.aot.hint.annotation.RegisterReflectionForBinding;
import org.springframework.boot.actuate.endpoint.Access;
import org.springframework.boot.actuate.endpoint.SecurityContext;
import org.springframework.boot.actuate.endpoint.annotation.DeleteOperation;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.annotation.Selector;
import org.springframework.boot.actuate.endpoint.annotation.WriteOperation;
import org.springframework.boot.actuate.endpoint.web.WebEndpointResponse;

/**
 * What is balanced, and how:
 *
 * <ul>
 *   <li>{@code GET /actuator/xdslb}: the control plane, the clusters, what fails
 *   <li>{@code GET /actuator/xdslb/{cluster}}: one cluster with its endpoints, {@value #DEFAULT_LIMIT} of them unless {@code limit} says
 *       otherwise ({@value #MAX_SHOWN} at most), from {@code offset} on, those of a {@code zone} or {@code state} where one is given
 *   <li>{@code GET /actuator/xdslb/{cluster}/explain}: where a request would go now, given by {@code header=name:value},
 *       {@code cookie=name=value} and {@code path}
 *   <li>{@code GET /actuator/xdslb/{cluster}/samples}: where the sampled ones of the last requests went, and why
 * </ul>
 *
 * <p>A cluster is named as the control plane names it, or by a service id. Nothing is changed and no cluster is woken by looking.
 *
 * <p>Where {@code management.endpoint.xdslb.access} is {@code unrestricted}, which it is not by default, a cluster can be changed in this
 * process, for some {@code minutes} ({@value OperatorChanges#DEFAULT_MINUTES} unless said otherwise):
 *
 * <ul>
 *   <li>{@code POST /actuator/xdslb/{cluster}/drain}: an {@code endpoint} (an address, or a pod) gets no new request
 *   <li>{@code POST /actuator/xdslb/{cluster}/strategy}: a {@code strategy} is used in place of the configured one
 *   <li>{@code POST /actuator/xdslb/{cluster}/samples}: {@code oneIn} so many picks is sampled, and so many are {@code keep}t
 *   <li>{@code DELETE} of the same takes it back; of a drain with the {@code endpoint} as a parameter
 * </ul>
 */
@Endpoint(id = "xdslb", defaultAccess = Access.READ_ONLY)
@RegisterReflectionForBinding({
    ClusterReport.class,
    ExplainedPick.class,
    XdsLbEndpoint.Unknown.class,
    OperatorChanges.Changed.class,
    OperatorChanges.UnknownEndpoint.class
}) // their operations say Object
public final class XdsLbEndpoint {
    static final int DEFAULT_LIMIT = 100;

    /** The most of anything that one answer holds. */
    static final int MAX_SHOWN = 1_000;

    private final ClusterRegistry clusters;
    private final UnaryOperator<String> resources;
    private final OperatorChanges changes;
    private final InstantSource clock;

    /**
     * Makes the endpoint.
     *
     * @param resources returns the resource that a service id stands for; may throw IllegalArgumentException where it is none
     * @param strategies returns the strategy of a cluster and its own name; throws an IllegalArgumentException that says which there are
     */
    public XdsLbEndpoint(
            ClusterRegistry clusters,
            UnaryOperator<String> resources,
            BiFunction<Cluster, String, LoadBalancingStrategy> strategies,
            InstantSource clock) {
        this.clusters = clusters;
        this.changes = new OperatorChanges(strategies);
        this.resources = resources;
        this.clock = clock;
    }

    @ReadOperation
    Overview overview() {
        List<Overview.Line> lines = clusters.clusters().stream()
                .sorted(Comparator.comparing(Cluster::resource))
                .map(Overview.Line::of)
                .toList();
        return new Overview(
                Overview.ControlPlane.of(ControlPlaneState.of(clusters.source(), clock)),
                clusters.place().zone(),
                lines.size(),
                lines.subList(0, Math.min(lines.size(), MAX_SHOWN)),
                clusters.faults().stream().limit(MAX_SHOWN).toList());
    }

    @ReadOperation
    WebEndpointResponse<Object> cluster(
            @Selector String cluster,
            @Nullable Integer offset,
            @Nullable Integer limit,
            @Nullable String zone,
            @Nullable String state) {
        Cluster found = find(cluster);
        if (found == null) {
            return unknown(cluster);
        }
        int from = offset == null ? 0 : offset;
        int most = limit == null ? DEFAULT_LIMIT : limit;
        if (from < 0 || most < 0 || most > MAX_SHOWN) {
            return problem(
                    WebEndpointResponse.STATUS_BAD_REQUEST,
                    "offset: " + from + " (expected: >= 0), limit: " + most + " (expected: 0 to " + MAX_SHOWN + ')');
        }
        XdsStatus status = ControlPlaneState.of(clusters.source(), clock).status();
        return new WebEndpointResponse<>(ClusterReport.of(
                found, status, clusters.place().clients(), ClusterReport.asked(zone, state), from, most));
    }

    @ReadOperation
    WebEndpointResponse<Object> about(
            @Selector String cluster,
            @Selector String what,
            @Nullable Object header,
            @Nullable Object cookie,
            @Nullable String path) {
        Cluster found = find(cluster);
        if (found == null) {
            return unknown(cluster);
        }
        return switch (what) {
            case "explain" -> explain(found, header, cookie, path);
            case "samples" ->
                new WebEndpointResponse<>(found.samples().stream()
                        .limit(MAX_SHOWN)
                        .map(ExplainedPick::of)
                        .toList());
            default -> problem(WebEndpointResponse.STATUS_NOT_FOUND, '"' + what + "\" (expected: explain, samples)");
        };
    }

    @WriteOperation
    WebEndpointResponse<Object> change(
            @Selector String cluster,
            @Selector String what,
            @Nullable String endpoint,
            @Nullable String strategy,
            @Nullable Integer oneIn,
            @Nullable Integer keep,
            @Nullable Integer minutes,
            SecurityContext who) {
        return changing(cluster, found -> switch (what) {
            case "drain" -> changes.drain(found, endpoint, minutes, who);
            case "strategy" -> changes.strategy(found, strategy, minutes, who);
            case "samples" -> changes.sample(found, oneIn, keep, minutes, who);
            default -> unchangeable(what);
        });
    }

    @DeleteOperation
    WebEndpointResponse<Object> end(
            @Selector String cluster, @Selector String what, @Nullable String endpoint, SecurityContext who) {
        return changing(cluster, found -> switch (what) {
            case "drain" -> changes.undrain(found, endpoint, who);
            case "strategy" -> changes.endStrategy(found, who);
            case "samples" -> changes.endSamples(found, who);
            default -> unchangeable(what);
        });
    }

    /** Foreign code is called: what a strategy throws of its own is no bad request. */
    private WebEndpointResponse<Object> changing(
            String cluster, Function<Cluster, WebEndpointResponse<Object>> change) {
        Cluster found = find(cluster);
        if (found == null) {
            return unknown(cluster);
        }
        try {
            return change.apply(found);
        } catch (IllegalArgumentException e) {
            String message = e.getMessage();
            return problem(WebEndpointResponse.STATUS_BAD_REQUEST, message == null ? e.toString() : message);
        }
    }

    private static WebEndpointResponse<Object> unchangeable(String what) {
        return problem(WebEndpointResponse.STATUS_NOT_FOUND, '"' + what + "\" (expected: drain, strategy, samples)");
    }

    private static WebEndpointResponse<Object> explain(
            Cluster cluster, @Nullable Object header, @Nullable Object cookie, @Nullable String path) {
        try {
            DescribedRequest request = DescribedRequest.of(header, cookie, path);
            return new WebEndpointResponse<>(ExplainedPick.of(cluster.explain(request)));
        } catch (IllegalArgumentException e) {
            return problem(WebEndpointResponse.STATUS_BAD_REQUEST, String.valueOf(e.getMessage()));
        }
    }

    private @Nullable Cluster find(String name) {
        Cluster exact = byResource(name);
        if (exact != null) {
            return exact;
        }
        try {
            return byResource(resources.apply(name));
        } catch (IllegalArgumentException e) { // no service id either
            return null;
        }
    }

    private @Nullable Cluster byResource(String resource) {
        for (Cluster cluster : clusters.clusters()) {
            if (cluster.resource().equals(resource)) {
                return cluster;
            }
        }
        return null;
    }

    private WebEndpointResponse<Object> unknown(String name) {
        List<String> known =
                clusters.clusters().stream().map(Cluster::resource).sorted().toList();
        return new WebEndpointResponse<>(
                new Unknown(
                        "no cluster \"" + name
                                + "\" is in use: it is not configured, and no request has asked for it of late",
                        known.size(),
                        known.subList(0, Math.min(known.size(), MAX_SHOWN))),
                WebEndpointResponse.STATUS_NOT_FOUND);
    }

    static WebEndpointResponse<Object> problem(int status, String message) {
        return new WebEndpointResponse<>(Map.of("problem", message), status);
    }

    /** The answer about a name that is not known. */
    record Unknown(String problem, int clusters, List<String> known) {}

    /**
     * Everything at a glance.
     *
     * @param zone the own one, empty where it is not known
     * @param known how many clusters there are
     * @param clusters those, as far as they are shown
     * @param faults what fails at present in code that is not ours
     */
    record Overview(ControlPlane controlPlane, String zone, int known, List<Line> clusters, List<Fault> faults) {

        /**
         * The control plane.
         *
         * @param source what messages call it; all else is null where it is another kind of source
         * @param since since when it is connected, or is not
         * @param trouble why it is not, empty where it is
         * @param dataAgeSeconds for how long the endpoints may be out of date
         */
        record ControlPlane(
                String source,
                @Nullable Boolean connected,
                @Nullable Instant since,
                @Nullable String trouble,
                @Nullable Long dataAgeSeconds,
                @Nullable String protocol,
                @Nullable String server,
                XdsStatus.@Nullable Traffic traffic,
                XdsStatus.@Nullable StreamTimes streamTimes) {
            static ControlPlane of(ControlPlaneState state) {
                XdsStatus status = state.status();
                return status == null
                        ? new ControlPlane(state.source(), null, null, null, null, null, null, null, null)
                        : new ControlPlane(
                                state.source(),
                                status.connected(),
                                status.since(),
                                status.trouble(),
                                state.dataAge().toSeconds(),
                                status.protocol().name(),
                                status.server(),
                                status.traffic(),
                                status.streamTimes());
            }
        }

        /**
         * One cluster.
         *
         * @param endpoints how many there are
         * @param outside how many of them this client does not use
         * @param strategyUntil until when the strategy is another one than is configured; null where it is that one
         * @param drained how many of them are drained here, those included that get requests because no other one is ready
         */
        record Line(
                String cluster,
                String from,
                String reason,
                String strategy,
                @Nullable Instant strategyUntil,
                int endpoints,
                int outside,
                int drained,
                int eligible,
                boolean panic,
                long inFlight) {
            static Line of(Cluster cluster) {
                ClusterPicker picker = cluster.picker();
                return new Line(
                        cluster.resource(),
                        picker.status().state().name(),
                        picker.status().reason(),
                        cluster.settings().strategyName(),
                        cluster.overrides().strategyUntil(),
                        picker.plan().known() + picker.clientSubset().outside().size(),
                        picker.clientSubset().outside().size(),
                        cluster.overrides().drains().size(),
                        picker.plan().eligible(),
                        picker.plan().isPanic(),
                        picker.totals().inFlight());
            }
        }
    }
}
