/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.autoconfigure;

import dev.xdslb.cluster.ServiceReference;
import dev.xdslb.springcloud.ServiceNames;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads what service ids stand for. */
final class ConfiguredNames {
    private ConfiguredNames() {}

    /** Returns the mapping that the properties describe, having looked at every id in them. */
    static ServiceNames of(XdsLbProperties properties, String ownNamespace) {
        Map<String, ServiceReference> resources = new HashMap<>();
        properties.clients().forEach((serviceId, client) -> {
            if (client.enabled()) {
                resources.put(serviceId, reference(serviceId, client.resource(), properties.clusterDomain()));
            }
        });
        return new ServiceNames(ownNamespace, properties.clusterDomain(), resources);
    }

    private static ServiceReference reference(String serviceId, @Nullable String resource, String clusterDomain) {
        try {
            return ServiceNames.parse(resource == null ? serviceId : resource, clusterDomain);
        } catch (IllegalArgumentException e) {
            throw new XdsLbConfigurationException(
                    "xds-lb.clients." + serviceId + " cannot be used: " + e.getMessage() + '.',
                    "Set xds-lb.clients.[" + serviceId
                            + "].resource to the Kubernetes Service that is meant, or xds-lb.clients.[" + serviceId
                            + "].enabled=false to leave this id to Spring Cloud.");
        }
    }
}
