/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.xds;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.xdslb.strategy.Maglev;
import dev.xdslb.strategy.P2cLeastRequest;
import dev.xdslb.strategy.RandomChoice;
import dev.xdslb.strategy.RingHash;
import dev.xdslb.strategy.WeightedRoundRobin;
import dev.xdslb.xds.proto.Cluster;
import dev.xdslb.xds.proto.LoadBalancingPolicy;
import dev.xdslb.xds.proto.WrrLocality;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads who is to be picked: our own name for it, else of a list of policies the first that is known here, else {@code lb_policy}. */
final class StrategyDecoder {
    private static final int MAX_NAME = 100;

    /** A list within a list, and not without end. */
    private static final int MOST_LEVELS = 8;

    private static final String POLICIES = "envoy.extensions.load_balancing_policies.";

    private StrategyDecoder() {}

    /**
     * Decodes.
     *
     * @param notObeyed told what is not obeyed
     */
    static @Nullable String decode(Cluster cluster, OurFields ours, List<String> notObeyed)
            throws UnusableResourceException {
        String expected = "the name of a strategy, of at most " + MAX_NAME + " characters";
        String name = ours.text("strategy", expected);
        if (name != null) {
            if (name.isBlank() || name.length() > MAX_NAME) {
                throw OurFields.unusable("strategy", '"' + name + '"', expected);
            }
            return name;
        }
        if (cluster.hasLoadBalancingPolicy()) { // comes before lb_policy
            String listed = ofList(cluster.getLoadBalancingPolicy(), MOST_LEVELS);
            if (listed == null) {
                notObeyed.add("load_balancing_policy");
            }
            return listed;
        }
        return switch (cluster.getLbPolicy()) {
            case ROUND_ROBIN -> null;
            case LEAST_REQUEST -> P2cLeastRequest.NAME;
            case RING_HASH -> RingHash.NAME;
            case RANDOM -> RandomChoice.NAME;
            case MAGLEV -> Maglev.NAME;
            case CLUSTER_PROVIDED, LOAD_BALANCING_POLICY_CONFIG, UNRECOGNIZED -> {
                notObeyed.add("lb_policy " + cluster.getLbPolicy());
                yield null;
            }
        };
    }

    /** Their settings are not read; those of the cluster count. */
    private static @Nullable String ofList(LoadBalancingPolicy list, int levels) {
        for (LoadBalancingPolicy.Policy policy : list.getPoliciesList()) {
            Any config = policy.getTypedExtensionConfig().getTypedConfig();
            String type = config.getTypeUrl().substring(config.getTypeUrl().lastIndexOf('/') + 1);
            String name = !type.startsWith(POLICIES)
                    ? null
                    : switch (type.substring(POLICIES.length())) {
                        case "least_request.v3.LeastRequest" -> P2cLeastRequest.NAME;
                        case "ring_hash.v3.RingHash" -> RingHash.NAME;
                        case "maglev.v3.Maglev" -> Maglev.NAME;
                        case "random.v3.Random" -> RandomChoice.NAME;
                        case "round_robin.v3.RoundRobin" -> WeightedRoundRobin.NAME;
                        case "wrr_locality.v3.WrrLocality" -> levels == 0 ? null : withinZones(config, levels);
                        default -> null;
                    };
            if (name != null) {
                return name;
            }
        }
        return null;
    }

    private static @Nullable String withinZones(Any config, int levels) {
        try {
            return ofList(WrrLocality.parseFrom(config.getValue()).getEndpointPickingPolicy(), levels - 1);
        } catch (InvalidProtocolBufferException e) {
            return null; // and is named as not obeyed
        }
    }
}
