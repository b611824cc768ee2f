/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.springcloud;

import dev.xdslb.endpoint.Endpoint;
import dev.xdslb.endpoint.Locality;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.cloud.client.ServiceInstance;

/**
 * An instance that service discovery knows, as an endpoint. What an endpoint has no place for travels in its labels, under
 * names that no label of a pod can have, because a label's name has one slash at most.
 */
final class InstanceEndpoint {
    private static final String PREFIX = "dev.xdslb/instance/";

    static final String SECURE = PREFIX + "secure";
    static final String SCHEME = PREFIX + "scheme";

    private static final int HTTP_PORT = 80;
    private static final int HTTPS_PORT = 443;

    private InstanceEndpoint() {}

    /**
     * Returns the endpoint.
     *
     * @throws IllegalArgumentException when the instance has no host, or a port that cannot be
     */
    static Endpoint of(@Nullable ServiceInstance instance) {
        String host = instance == null ? null : instance.getHost();
        if (instance == null || host == null || host.isBlank()) {
            throw new IllegalArgumentException("it has no host");
        }
        boolean bracketed = host.startsWith("[") && host.endsWith("]");
        int defaultPort = instance.isSecure() ? HTTPS_PORT : HTTP_PORT;
        String instanceId = instance.getInstanceId();
        Map<String, String> labels = labels(instance);
        return Endpoint.builder(
                        bracketed ? host.substring(1, host.length() - 1) : host,
                        instance.getPort() > 0 ? instance.getPort() : defaultPort)
                .pod(instanceId == null ? "" : instanceId, "")
                .locality(Locality.ofZone(labels.getOrDefault("zone", "")))
                .weight(weight(labels.get("weight")))
                .labels(labels)
                .build();
    }

    static boolean isSecure(Endpoint endpoint) {
        return endpoint.labels().containsKey(SECURE);
    }

    static @Nullable String scheme(Endpoint endpoint) {
        return endpoint.labels().get(SCHEME);
    }

    /** Returns an instance for a message, whatever it does. */
    static String describe(@Nullable ServiceInstance instance) {
        try {
            return String.valueOf(instance);
        } catch (RuntimeException e) {
            return "an instance of " + (instance == null ? "nothing" : instance.getClass());
        }
    }

    private static Map<String, String> labels(ServiceInstance instance) {
        Map<String, String> labels = new HashMap<>();
        Map<String, String> metadata = instance.getMetadata();
        if (metadata != null) {
            metadata.forEach((name, value) -> {
                if (name != null && value != null) {
                    labels.put(name, value);
                }
            });
        }
        if (instance.isSecure()) {
            labels.put(SECURE, "true");
        }
        String scheme = instance.getScheme();
        if (scheme != null && !scheme.isBlank()) {
            labels.put(SCHEME, scheme);
        }
        return labels;
    }

    /** Returns 1 where there is no weight, or none that can be. */
    private static int weight(@Nullable String weight) {
        try {
            return weight == null ? 1 : Math.max(1, Integer.parseInt(weight.strip()));
        } catch (NumberFormatException e) {
            return 1;
        }
    }
}
