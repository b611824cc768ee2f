/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.xds;

import com.google.protobuf.Parser;
import dev.xdslb.cluster.FailureStatuses;
import dev.xdslb.cluster.RetryBudgetSettings;
import dev.xdslb.cluster.ServicePolicy;
import dev.xdslb.cluster.ServicePolicy.ErrorBias;
import dev.xdslb.cluster.ServicePolicy.Limits;
import dev.xdslb.cluster.ServicePolicy.RetryBudget;
import dev.xdslb.cluster.ServicePolicy.SlowStart;
import dev.xdslb.cluster.ServicePolicy.Zones;
import dev.xdslb.cluster.SubsetSettings;
import dev.xdslb.endpoint.OutOfRangeException;
import dev.xdslb.policy.EndpointsPerClient;
import dev.xdslb.policy.PolicySettings;
import dev.xdslb.policy.ZoneSettings.Affinity;
import dev.xdslb.strategy.HashSettings;
import dev.xdslb.xds.proto.CircuitBreakers.Thresholds;
import dev.xdslb.xds.proto.Cluster;
import dev.xdslb.xds.proto.Cluster.CommonLbConfig;
import dev.xdslb.xds.proto.Cluster.SlowStartConfig;
import dev.xdslb.xds.proto.RoutingPriority;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Turns {@code envoy.config.cluster.v3.Cluster} into a policy. Only what is said explicitly counts: {@code lb_policy: ROUND_ROBIN}
 * is what the wire says for nothing, so it says nothing. What CDS lacks stands under
 * {@code filter_metadata["dev.xdslb"]} and comes before the standard fields.
 *
 * <p>A value that is out of range refuses the resource: half a policy is not the one that somebody wrote. A field that is not
 * obeyed refuses nothing, and is named.
 */
final class ClusterDecoder implements ResourceDecoder<Cluster, ClusterContent> {
    private static final String AFFINITIES = "off, spill or forced";

    /** As many requests in flight as an endpoint's are counted up to. */
    private static final int MAX_PER_ENDPOINT = 1_000_000;

    /** How control planes say that there is no limit. */
    private static final int MAX_UINT32 = -1;

    @Override
    public String typeUrl() {
        return AdsMethods.CLUSTERS_TYPE_URL;
    }

    @Override
    public String noun() {
        return "a cluster";
    }

    @Override
    public Parser<Cluster> parser() {
        return Cluster.parser();
    }

    @Override
    public String nameField() {
        return "name";
    }

    @Override
    public String name(Cluster cluster) {
        return cluster.getName();
    }

    @Override
    public boolean isFullState() {
        return true;
    }

    @Override
    public boolean isOptional() {
        return true;
    }

    @Override
    public ClusterContent decode(Cluster cluster) throws UnusableResourceException {
        List<String> notObeyed = UnreadFields.of(cluster);
        if (cluster.hasType() && cluster.getType() != Cluster.DiscoveryType.EDS) {
            notObeyed.add("type " + cluster.getType());
        }
        OurFields ours = OurFields.of(cluster.getMetadata());
        ServicePolicy policy = new ServicePolicy(
                StrategyDecoder.decode(cluster, ours, notObeyed),
                slowStart(cluster),
                EjectionDecoder.decode(cluster.getOutlierDetection(), ours, notObeyed),
                limits(cluster, ours, notObeyed),
                zones(cluster.getCommonLbConfig(), ours, notObeyed),
                RequestKeyDecoder.hash(cluster, ours, notObeyed),
                RequestKeyDecoder.subset(ours),
                retryBudget(cluster, ours),
                new ErrorBias(ours.number("error_bias_exponent"), ours.number("error_bias_min_share")),
                ours.millis("avoidance_ms"),
                failureStatuses(ours),
                endpointsPerClient(ours),
                cluster.getCommonLbConfig().hasHealthyPanicThreshold()
                        ? Ranges.share(
                                "common_lb_config.healthy_panic_threshold",
                                cluster.getCommonLbConfig()
                                        .getHealthyPanicThreshold()
                                        .getValue(),
                                true)
                        : null);
        requireInRange(policy);
        ours.nameUnknown(notObeyed);
        String serviceName = cluster.getEdsClusterConfig().getServiceName();
        return new ClusterContent(serviceName.isEmpty() ? cluster.getName() : serviceName, policy, notObeyed);
    }

    /** What is accepted here can be used whatever else is configured; so the settings say what their ranges are. */
    private static void requireInRange(ServicePolicy policy) throws UnusableResourceException {
        try {
            PolicySettings unused = policy.over(PolicySettings.DEFAULT);
            RetryBudgetSettings unusedBudget = policy.retryBudget().over(RetryBudgetSettings.DEFAULT);
            HashSettings unusedHash = policy.hash().over(HashSettings.of(request -> null), request -> null);
            if (policy.subset().from() != null) {
                SubsetSettings unusedSubset = policy.subset().settings(request -> null);
            }
        } catch (OutOfRangeException e) {
            throw new UnusableResourceException("the policy's " + e.getMessage());
        }
    }

    private static RetryBudget retryBudget(Cluster cluster, OurFields ours) throws UnusableResourceException {
        Double share = ours.number("retry_budget_share");
        for (Thresholds thresholds : cluster.getCircuitBreakers().getThresholdsList()) {
            RoutingPriority priority = thresholds.getPriority();
            if (share == null
                    && priority == RoutingPriority.DEFAULT
                    && thresholds.getRetryBudget().hasBudgetPercent()) {
                share = Ranges.share(
                        "circuit_breakers.thresholds.retry_budget.budget_percent",
                        thresholds.getRetryBudget().getBudgetPercent().getValue(),
                        true);
            }
        }
        return new RetryBudget(
                ours.flag("retry_budget_enabled"),
                share,
                ours.count("retry_budget_min_per_second", 0, Integer.MAX_VALUE),
                ours.millis("retry_budget_window_ms"));
    }

    private static @Nullable FailureStatuses failureStatuses(OurFields ours) throws UnusableResourceException {
        String text = ours.text("failure_statuses", "HTTP statuses and ranges, separated by commas");
        if (text == null) {
            return null;
        }
        try {
            return FailureStatuses.parse(text.isBlank() ? List.of() : List.of(text.split(",", -1)));
        } catch (IllegalArgumentException e) {
            throw new UnusableResourceException("the policy's failure_statuses: " + e.getMessage());
        }
    }

    private static @Nullable EndpointsPerClient endpointsPerClient(OurFields ours) throws UnusableResourceException {
        String expected = "off, auto, or a number of 1 or more";
        String text = ours.text("endpoints_per_client", expected);
        try {
            return text == null ? null : EndpointsPerClient.parse(text);
        } catch (IllegalArgumentException e) {
            throw OurFields.unusable("endpoints_per_client", '"' + text + '"', expected);
        }
    }

    private static SlowStart slowStart(Cluster cluster) throws UnusableResourceException {
        if (cluster.getLeastRequestLbConfig().hasSlowStartConfig()) {
            return slowStart(
                    "least_request_lb_config", cluster.getLeastRequestLbConfig().getSlowStartConfig());
        }
        if (cluster.getRoundRobinLbConfig().hasSlowStartConfig()) {
            return slowStart(
                    "round_robin_lb_config", cluster.getRoundRobinLbConfig().getSlowStartConfig());
        }
        return SlowStart.NONE;
    }

    private static SlowStart slowStart(String parent, SlowStartConfig config) throws UnusableResourceException {
        String place = parent + ".slow_start_config.";
        double aggression = config.getAggression().getDefaultValue();
        return new SlowStart(
                config.hasSlowStartWindow()
                        ? Ranges.duration(place + "slow_start_window", config.getSlowStartWindow(), true)
                        : null,
                config.hasMinWeightPercent()
                        ? Ranges.share(
                                place + "min_weight_percent",
                                config.getMinWeightPercent().getValue(),
                                false)
                        : null,
                aggression == 0 ? null : Ranges.positive(place + "aggression", aggression));
    }

    private static Limits limits(Cluster cluster, OurFields ours, List<String> notObeyed)
            throws UnusableResourceException {
        Integer perEndpoint = null;
        Integer total = null;
        for (Thresholds thresholds : cluster.getCircuitBreakers().getPerHostThresholdsList()) {
            perEndpoint = maxRequests("per_host_thresholds", thresholds, MAX_PER_ENDPOINT, perEndpoint, notObeyed);
        }
        for (Thresholds thresholds : cluster.getCircuitBreakers().getThresholdsList()) {
            total = maxRequests("thresholds", thresholds, Integer.MAX_VALUE, total, notObeyed);
        }
        Integer oursPerEndpoint = ours.count("max_in_flight_per_endpoint", 0, MAX_PER_ENDPOINT); // where 0 is no limit
        Integer oursOfAll = ours.count("max_in_flight", 0, Integer.MAX_VALUE);
        return new Limits(
                oursPerEndpoint == null ? perEndpoint : oursPerEndpoint, oursOfAll == null ? total : oursOfAll);
    }

    private static @Nullable Integer maxRequests(
            String list, Thresholds thresholds, int max, @Nullable Integer before, List<String> notObeyed)
            throws UnusableResourceException {
        if (!thresholds.hasMaxRequests()) {
            return before;
        }
        if (thresholds.getPriority() != RoutingPriority.DEFAULT) {
            notObeyed.add("circuit_breakers." + list + " of priority " + thresholds.getPriority());
            return before;
        }
        int value = thresholds.getMaxRequests().getValue();
        // Zero would let no request through there, and is no limit here.
        return value == MAX_UINT32
                ? Integer.valueOf(0)
                : Integer.valueOf(Ranges.count("circuit_breakers." + list + ".max_requests", value, max));
    }

    private static Zones zones(CommonLbConfig config, OurFields ours, List<String> notObeyed)
            throws UnusableResourceException {
        Affinity affinity = affinity(config, notObeyed);
        String said = ours.text("zone_affinity", AFFINITIES);
        if (said != null) {
            affinity = switch (said) {
                case "off" -> Affinity.OFF;
                case "spill" -> Affinity.SPILL;
                case "forced" -> Affinity.FORCED;
                default -> throw OurFields.unusable("zone_affinity", '"' + said + '"', AFFINITIES);
            };
        }
        return new Zones(affinity, ours.count("zone_min_local_endpoints", 1, Integer.MAX_VALUE));
    }

    private static @Nullable Affinity affinity(CommonLbConfig config, List<String> notObeyed)
            throws UnusableResourceException {
        if (!config.getZoneAwareLbConfig().hasRoutingEnabled()) {
            return null;
        }
        String field = "common_lb_config.zone_aware_lb_config.routing_enabled";
        double share = Ranges.share(
                field, config.getZoneAwareLbConfig().getRoutingEnabled().getValue(), true);
        if (share > 0 && share < 1) {
            notObeyed.add(field + " other than 0 and 100");
            return null;
        }
        return share == 0 ? Affinity.OFF : Affinity.SPILL;
    }
}
