/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.observe;

import dev.xdslb.cluster.Cluster;
import dev.xdslb.endpoint.Endpoint;
import dev.xdslb.strategy.LoadBalancingStrategy;
import java.security.Principal;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.actuate.endpoint.SecurityContext;
import org.springframework.boot.actuate.endpoint.web.WebEndpointResponse;

/**
 * Changes a cluster for a while, or takes that back, as an operator asks by the actuator. Each change is one line of the log, with the name of
 * whoever asked where that is known.
 */
final class OperatorChanges {
    private static final Logger log = LoggerFactory.getLogger(OperatorChanges.class);

    private static final int DEFAULT_MINUTES = 10;
    private static final int MAX_MINUTES = 24 * 60;
    private static final int DEFAULT_ONE_IN = 100;
    private static final int DEFAULT_KEEP = 100;

    /** Of those that a name may mean, in the text of an error. */
    private static final int MAX_NAMED = 10;

    /** The request is understood, and the state of things forbids it. */
    private static final int STATUS_CONFLICT = 409;

    private final BiFunction<Cluster, String, LoadBalancingStrategy> strategies;

    /**
     * Makes one.
     *
     * @param strategies returns the strategy of a cluster and its own name; throws an IllegalArgumentException that says which there are
     */
    OperatorChanges(BiFunction<Cluster, String, LoadBalancingStrategy> strategies) {
        this.strategies = strategies;
    }

    /** Drains an endpoint, given by its address or its pod's name. */
    WebEndpointResponse<Object> drain(
            Cluster cluster, @Nullable String endpoint, @Nullable Integer minutes, SecurityContext who) {
        Duration time = time(minutes);
        return withEndpoint(cluster, endpoint, found -> {
            cluster.overrides().drain(found.key(), time);
            Instant until = cluster.overrides().drains().get(found.key());
            boolean isUsed = found.health().receivesRequests()
                    && !cluster.overrides().drained().containsKey(found.key());
            log.info("{}: {} is drained for {} by {}", cluster.resource(), named(found), words(time), name(who));
            String now = isUsed
                    ? " is drained, and gets requests until another endpoint is ready: it is better than none"
                    : " gets no new request";
            return changed(cluster, named(found) + now, until);
        });
    }

    /** Lets a drained endpoint get requests again. */
    WebEndpointResponse<Object> undrain(Cluster cluster, @Nullable String endpoint, SecurityContext who) {
        return withEndpoint(cluster, endpoint, found -> {
            if (!cluster.overrides().undrain(found.key())) {
                return unchanged(cluster, named(found) + " is not drained here");
            }
            log.info("{}: {} is not drained any more, by {}", cluster.resource(), named(found), name(who));
            return changed(cluster, named(found) + " gets requests again", null);
        });
    }

    /** Exchanges the strategy. */
    WebEndpointResponse<Object> strategy(
            Cluster cluster, @Nullable String strategy, @Nullable Integer minutes, SecurityContext who) {
        Duration time = time(minutes);
        if (strategy == null) {
            throw new IllegalArgumentException("strategy: missing (expected: the name of one)");
        }
        String before = cluster.settings().strategyName();
        cluster.overrides().strategy(strategies.apply(cluster, strategy), time);
        log.info(
                "{}: the strategy is {} instead of {} for {}, by {}",
                cluster.resource(),
                strategy,
                before,
                words(time),
                name(who));
        return changed(
                cluster, "the strategy is " + strategy, cluster.overrides().strategyUntil());
    }

    /** Lets the strategy be the configured one again. */
    WebEndpointResponse<Object> endStrategy(Cluster cluster, SecurityContext who) {
        if (!cluster.overrides().endStrategy()) {
            return unchanged(
                    cluster,
                    "the strategy is the configured one, " + cluster.settings().strategyName());
        }
        String present = cluster.settings().strategyName();
        log.info("{}: the strategy is {} again, by {}", cluster.resource(), present, name(who));
        return changed(cluster, "the strategy is " + present + " again", null);
    }

    /** Begins to sample picks. */
    WebEndpointResponse<Object> sample(
            Cluster cluster,
            @Nullable Integer oneIn,
            @Nullable Integer keep,
            @Nullable Integer minutes,
            SecurityContext who) {
        Duration time = time(minutes);
        int each = inRange("oneIn", oneIn, DEFAULT_ONE_IN, Integer.MAX_VALUE);
        int kept = inRange("keep", keep, DEFAULT_KEEP, XdsLbEndpoint.MAX_SHOWN);
        cluster.overrides().sample(each, kept, time);
        log.info("{}: one pick in {} is sampled for {}, by {}", cluster.resource(), each, words(time), name(who));
        return changed(
                cluster,
                "one pick in " + each + " is sampled, the last " + kept + " are kept",
                cluster.overrides().samplingUntil());
    }

    /** Ends the sampling that {@link #sample} began, and drops those samples. */
    WebEndpointResponse<Object> endSamples(Cluster cluster, SecurityContext who) {
        if (!cluster.overrides().endSampling()) {
            return unchanged(cluster, "no samples are asked for here");
        }
        log.info("{}: no pick is sampled for a while any more, by {}", cluster.resource(), name(who));
        return changed(cluster, "no samples are asked for here any more", null);
    }

    private static WebEndpointResponse<Object> withEndpoint(
            Cluster cluster, @Nullable String endpoint, EndpointChange change) {
        if (endpoint == null || endpoint.isBlank()) { // blank is the pod's name of an endpoint without a pod
            throw new IllegalArgumentException("endpoint: missing (expected: an address such as "
                    + (cluster.endpoints().isEmpty()
                            ? "10.0.0.1:8080"
                            : cluster.endpoints().get(0).address())
                    + ", or the name of a pod)");
        }
        List<Endpoint> known = cluster.endpoints();
        List<Endpoint> meant = known.stream()
                .filter(one -> one.address().equals(endpoint) || one.podName().equals(endpoint))
                .toList();
        if (meant.isEmpty()) {
            return new WebEndpointResponse<>(
                    new UnknownEndpoint(
                            cluster.resource() + " has no endpoint \"" + endpoint + '"',
                            known.size(),
                            known.stream()
                                    .limit(XdsLbEndpoint.DEFAULT_LIMIT)
                                    .map(OperatorChanges::named)
                                    .toList()),
                    WebEndpointResponse.STATUS_NOT_FOUND);
        }
        if (meant.size() > 1) {
            throw new IllegalArgumentException("endpoint: \"" + endpoint + "\" is " + meant.size()
                    + " endpoints (expected: one of the addresses "
                    + String.join(
                            ", ",
                            meant.stream()
                                    .limit(MAX_NAMED)
                                    .map(Endpoint::address)
                                    .toList())
                    + (meant.size() > MAX_NAMED ? " and " + (meant.size() - MAX_NAMED) + " more)" : ")"));
        }
        try {
            return change.of(meant.get(0));
        } catch (IllegalStateException e) {
            return XdsLbEndpoint.problem(STATUS_CONFLICT, String.valueOf(e.getMessage()));
        }
    }

    private static Duration time(@Nullable Integer minutes) {
        return Duration.ofMinutes(inRange("minutes", minutes, DEFAULT_MINUTES, MAX_MINUTES));
    }

    private static int inRange(String name, @Nullable Integer given, int ifMissing, int most) {
        int value = given == null ? ifMissing : given;
        if (value < 1 || value > most) {
            throw new IllegalArgumentException(name + ": " + value + " (expected: 1 to " + most + ')');
        }
        return value;
    }

    private static WebEndpointResponse<Object> changed(Cluster cluster, String what, @Nullable Instant until) {
        return new WebEndpointResponse<>(new Changed(cluster.resource(), true, what, until));
    }

    private static WebEndpointResponse<Object> unchanged(Cluster cluster, String what) {
        return new WebEndpointResponse<>(new Changed(cluster.resource(), false, what, null));
    }

    private static String named(Endpoint endpoint) {
        return endpoint.podName().isEmpty() ? endpoint.address() : endpoint.address() + " (" + endpoint.podName() + ')';
    }

    private static String words(Duration time) {
        return String.format(Locale.ROOT, "%d min", time.toMinutes());
    }

    /** A name is somebody's input, and the log has lines. */
    private static String name(SecurityContext who) {
        Principal principal = who.getPrincipal();
        String name = principal == null ? null : principal.getName();
        return name == null ? "an unnamed user of the actuator" : name.replaceAll("\\p{Cntrl}", "?");
    }

    private interface EndpointChange {
        WebEndpointResponse<Object> of(Endpoint endpoint);
    }

    /**
     * What was done.
     *
     * @param changed false where it was so already
     * @param now what holds from now on
     * @param until when that ends by itself, null where it does not
     */
    record Changed(
            String cluster,
            boolean changed,
            String now,
            @Nullable Instant until) {}

    /**
     * The answer about an endpoint that is not known.
     *
     * @param endpoints how many there are
     * @param known the first of them
     */
    record UnknownEndpoint(String problem, int endpoints, List<String> known) {}
}
