/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.xds;

import com.google.protobuf.Parser;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import dev.xdslb.cluster.ServicePolicy;
import dev.xdslb.cluster.ServicePolicy.Limits;
import dev.xdslb.cluster.ServicePolicy.SlowStart;
import dev.xdslb.cluster.ServicePolicy.Zones;
import dev.xdslb.policy.ZoneSettings.Affinity;
import dev.xdslb.strategy.Maglev;
import dev.xdslb.strategy.P2cLeastRequest;
import dev.xdslb.strategy.RandomChoice;
import dev.xdslb.strategy.RingHash;
import dev.xdslb.xds.proto.CircuitBreakers.Thresholds;
import dev.xdslb.xds.proto.Cluster;
import dev.xdslb.xds.proto.Cluster.CommonLbConfig;
import dev.xdslb.xds.proto.Cluster.LbPolicy;
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
    private static final String METADATA_KEY = "dev.xdslb";

    private static final int MAX_STRATEGY_LENGTH = 100;

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
        Struct ours = cluster.getMetadata().getFilterMetadataOrDefault(METADATA_KEY, Struct.getDefaultInstance());
        ServicePolicy policy = new ServicePolicy(
                strategy(cluster, ours, notObeyed),
                slowStart(cluster),
                EjectionDecoder.decode(cluster.getOutlierDetection(), notObeyed),
                limits(cluster, ours, notObeyed),
                zones(cluster.getCommonLbConfig(), notObeyed));
        String serviceName = cluster.getEdsClusterConfig().getServiceName();
        return new ClusterContent(serviceName.isEmpty() ? cluster.getName() : serviceName, policy, notObeyed);
    }

    private static @Nullable String strategy(Cluster cluster, Struct ours, List<String> notObeyed)
            throws UnusableResourceException {
        Value said = ours.getFieldsOrDefault("strategy", null);
        if (said != null) {
            String name = said.getStringValue();
            if (name.isBlank() || name.length() > MAX_STRATEGY_LENGTH) {
                throw new UnusableResourceException("metadata.filter_metadata[\"" + METADATA_KEY + "\"].strategy: "
                        + (said.hasStringValue() ? '"' + name + '"' : said.getKindCase())
                        + " (expected: the name of a strategy, of at most " + MAX_STRATEGY_LENGTH + " characters)");
            }
            return name;
        }
        LbPolicy policy = cluster.getLbPolicy();
        if (cluster.hasLoadBalancingPolicy()) { // comes before lb_policy
            notObeyed.add("load_balancing_policy");
            return null;
        }
        return switch (policy) {
            case ROUND_ROBIN -> null;
            case LEAST_REQUEST -> P2cLeastRequest.NAME;
            case RING_HASH -> RingHash.NAME;
            case RANDOM -> RandomChoice.NAME;
            case MAGLEV -> Maglev.NAME;
            case CLUSTER_PROVIDED, LOAD_BALANCING_POLICY_CONFIG, UNRECOGNIZED -> {
                notObeyed.add("lb_policy " + policy);
                yield null;
            }
        };
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

    private static Limits limits(Cluster cluster, Struct ours, List<String> notObeyed)
            throws UnusableResourceException {
        Integer perEndpoint = null;
        Integer total = null;
        for (Thresholds thresholds : cluster.getCircuitBreakers().getPerHostThresholdsList()) {
            perEndpoint = maxRequests("per_host_thresholds", thresholds, MAX_PER_ENDPOINT, perEndpoint, notObeyed);
        }
        for (Thresholds thresholds : cluster.getCircuitBreakers().getThresholdsList()) {
            total = maxRequests("thresholds", thresholds, Integer.MAX_VALUE, total, notObeyed);
        }
        return new Limits(
                limit(ours, "max_in_flight_per_endpoint", MAX_PER_ENDPOINT, perEndpoint),
                limit(ours, "max_in_flight", Integer.MAX_VALUE, total));
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

    /** Reads a limit of our own, where zero is no limit. */
    private static @Nullable Integer limit(Struct ours, String field, int max, @Nullable Integer otherwise)
            throws UnusableResourceException {
        Value said = ours.getFieldsOrDefault(field, null);
        if (said == null) {
            return otherwise;
        }
        double value = said.hasNumberValue() ? said.getNumberValue() : Double.NaN;
        if (!(value >= 0 && value <= max && value == Math.rint(value))) {
            throw new UnusableResourceException("metadata.filter_metadata[\"" + METADATA_KEY + "\"]." + field + ": "
                    + (said.hasNumberValue() ? value : said.getKindCase())
                    + " (expected: a number from 0, no limit, to "
                    + max + ')');
        }
        return (int) value;
    }

    private static Zones zones(CommonLbConfig config, List<String> notObeyed) throws UnusableResourceException {
        if (config.hasHealthyPanicThreshold()) {
            notObeyed.add("common_lb_config.healthy_panic_threshold");
        }
        if (!config.getZoneAwareLbConfig().hasRoutingEnabled()) {
            return Zones.NONE;
        }
        String field = "common_lb_config.zone_aware_lb_config.routing_enabled";
        double share = Ranges.share(
                field, config.getZoneAwareLbConfig().getRoutingEnabled().getValue(), true);
        if (share > 0 && share < 1) {
            notObeyed.add(field + " other than 0 and 100");
            return Zones.NONE;
        }
        return new Zones(share == 0 ? Affinity.OFF : Affinity.SPILL, null);
    }
}
