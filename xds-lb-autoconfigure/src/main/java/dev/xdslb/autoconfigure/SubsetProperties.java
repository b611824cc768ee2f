/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.autoconfigure;

import static java.util.Objects.requireNonNullElse;

import dev.xdslb.cluster.SubsetSettings;
import dev.xdslb.cluster.SubsetSettings.IfNoneMatches;
import dev.xdslb.strategy.RequestAttributes;
import dev.xdslb.strategy.RequestKey;
import org.jspecify.annotations.Nullable;

/**
 * Which of a service's endpoints a request may go to.
 *
 * @param label Name of the label whose value an endpoint must have. The default is "shard", which is the shard of the
 *     endpoint's pod; any other is a label of the pod that the control plane passes on.
 * @param from Where in the request the value is, as header:name, metadata:name (of gRPC), cookie:name, path, or bean:name for a
 *     RequestKey bean. Requests may go to any endpoint where it is not set.
 * @param ifNoneMatches What happens to a request without a value, or with one that no endpoint has which may be picked. ANY
 *     lets it go to any endpoint, FAIL fails it, USE sends it to the endpoints with use-value. The default is USE where
 *     use-value is set, else FAIL.
 * @param useValue Value to use instead.
 */
public record SubsetProperties(
        @Nullable String label,
        @Nullable String from,
        @Nullable IfNoneMatches ifNoneMatches,
        @Nullable String useValue) {

    /**
     * Returns what these properties say, null where nothing is set.
     *
     * @param group the name of these properties, to name the one that is wrong
     */
    @Nullable
    SubsetSettings settings(String group, RequestKeys keys) {
        if (from == null) {
            if (label != null || ifNoneMatches != null || useValue != null) {
                throw new XdsLbConfigurationException(
                        group + ".from is not set, though other properties of " + group + " are.",
                        "Say where in the request the value is, such as header:x-shard.");
            }
            return null;
        }
        RequestKey key = new Described(from, keys.named(group + ".from", from));
        return InRange.of(
                group,
                () -> new SubsetSettings(
                        requireNonNullElse(label, SubsetSettings.SHARD),
                        key,
                        requireNonNullElse(ifNoneMatches, useValue == null ? IfNoneMatches.FAIL : IfNoneMatches.USE),
                        requireNonNullElse(useValue, "")));
    }

    /** A key that error messages call what the configuration calls it. */
    private record Described(String text, RequestKey key) implements RequestKey {
        @Override
        public @Nullable String of(RequestAttributes request) {
            return key.of(request);
        }

        @Override
        public String toString() {
            return text;
        }
    }
}
