/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.xds;

import dev.xdslb.cluster.ServicePolicy.Hash;
import dev.xdslb.cluster.ServicePolicy.Subset;
import dev.xdslb.cluster.SubsetSettings.IfNoneMatches;
import dev.xdslb.strategy.HashSettings;
import dev.xdslb.xds.proto.Cluster;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads how requests are routed by what they carry. Of hashing CDS says the sizes, which count where they can; the key is in
 * routes there, and so in our metadata.
 */
final class RequestKeyDecoder {
    private static final String KEY = "header:NAME, metadata:NAME, cookie:NAME, path or bean:NAME";
    private static final String IF_NONE_MATCHES = "fail, any or use";
    private static final String BALANCE_FACTOR = "common_lb_config.consistent_hashing_lb_config.hash_balance_factor";

    private RequestKeyDecoder() {}

    static Hash hash(Cluster cluster, OurFields ours, List<String> notObeyed) throws UnusableResourceException {
        String key = ours.text("hash_key", KEY);
        Double factor = ours.number("hash_balance_factor");
        Integer ringSize = ours.count("hash_ring_size", 0, Integer.MAX_VALUE);
        Integer tableSize = ours.count("hash_table_size", 0, Integer.MAX_VALUE);
        return new Hash(
                key,
                factor != null ? factor : factor(cluster, notObeyed),
                ringSize != null ? ringSize : ringSize(cluster, notObeyed),
                tableSize != null ? tableSize : tableSize(cluster, notObeyed));
    }

    static Subset subset(OurFields ours) throws UnusableResourceException {
        String text = ours.text("subset_if_none_matches", IF_NONE_MATCHES);
        IfNoneMatches ifNoneMatches = text == null
                ? null
                : switch (text) {
                    case "fail" -> IfNoneMatches.FAIL;
                    case "any" -> IfNoneMatches.ANY;
                    case "use" -> IfNoneMatches.USE;
                    default -> throw OurFields.unusable("subset_if_none_matches", '"' + text + '"', IF_NONE_MATCHES);
                };
        return new Subset(
                ours.text("subset_label", "the name of a label"),
                ours.text("subset_from", KEY),
                ifNoneMatches,
                ours.text("subset_use_value", "a value of the label"));
    }

    private static @Nullable Double factor(Cluster cluster, List<String> notObeyed) {
        var config = cluster.getCommonLbConfig().getConsistentHashingLbConfig();
        if (!config.hasHashBalanceFactor()) {
            return null;
        }
        double factor = Integer.toUnsignedLong(config.getHashBalanceFactor().getValue()) / 100.0;
        return usable(BALANCE_FACTOR, factor, notObeyed, base -> base.withBalanceFactor(factor));
    }

    private static @Nullable Integer ringSize(Cluster cluster, List<String> notObeyed) {
        if (!cluster.getRingHashLbConfig().hasMaximumRingSize()) {
            return null;
        }
        int size = size(cluster.getRingHashLbConfig().getMaximumRingSize().getValue());
        return usable("ring_hash_lb_config.maximum_ring_size", size, notObeyed, base -> base.withRingSize(size));
    }

    private static @Nullable Integer tableSize(Cluster cluster, List<String> notObeyed) {
        if (!cluster.getMaglevLbConfig().hasTableSize()) {
            return null;
        }
        int size = size(cluster.getMaglevLbConfig().getTableSize().getValue());
        return usable("maglev_lb_config.table_size", size, notObeyed, base -> base.withTableSize(size));
    }

    /** Returns a size that travels as an unsigned one; what is too large stays so. */
    private static int size(long unsigned) {
        return unsigned < 0 || unsigned > Integer.MAX_VALUE ? Integer.MAX_VALUE : (int) unsigned;
    }

    /** What is right for others, but out of the range here, is as if it were not said: where a key goes is each client's own matter. */
    private static <T> @Nullable T usable(String field, T value, List<String> notObeyed, Change change) {
        try {
            HashSettings unused = change.of(HashSettings.of(request -> null));
            return value;
        } catch (IllegalArgumentException e) {
            notObeyed.add(field + " of " + value);
            return null;
        }
    }

    private interface Change {
        HashSettings of(HashSettings base);
    }
}
