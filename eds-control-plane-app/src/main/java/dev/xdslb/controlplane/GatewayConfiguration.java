/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane;

import dev.xdslb.controlplane.gateway.GatewayKey;
import dev.xdslb.controlplane.kubernetes.GatewayApi;
import dev.xdslb.controlplane.resource.TopologyResourceStore;
import dev.xdslb.controlplane.topology.Topology;
import io.micrometer.core.instrument.MeterRegistry;
import io.netty.handler.ssl.ClientAuth;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** The objects of the Kubernetes Gateway API, where they are wanted. */
@Configuration(proxyBeanMethods = false)
@ConditionalOnBooleanProperty(GatewayConfiguration.PREFIX + ".enabled")
class GatewayConfiguration {
    static final String PREFIX = "xds-lb.control-plane.gateway-api";

    @Bean
    GatewayApi gatewayApi(
            ControlPlaneProperties properties, TopologyResourceStore store, Topology topology, MeterRegistry registry) {
        ControlPlaneProperties.GatewayApi settings = properties.gatewayApi();
        return new GatewayApi(
                store.gateways(),
                topology::isSynced,
                settings.status(),
                addresses(properties),
                identities(properties).keySet(),
                new StatusMeters(registry));
    }

    /** Returns where Gateways are reached. */
    static Map<GatewayKey, List<String>> addresses(ControlPlaneProperties properties) {
        List<ControlPlaneProperties.Addresses> all = properties.gatewayApi().addresses();
        Map<GatewayKey, List<String>> addresses = new HashMap<>();
        for (int i = 0; i < all.size(); i++) {
            addresses.put(
                    gateway(all.get(i).gateway(), "addresses", i), all.get(i).values());
        }
        return addresses;
    }

    /** Returns the names of certificates by which the Envoys of Gateways are known; none where Secrets are not served. */
    static Map<GatewayKey, Set<String>> identities(ControlPlaneProperties properties) {
        ControlPlaneProperties.GatewayApi settings = properties.gatewayApi();
        Map<GatewayKey, Set<String>> identities = new HashMap<>();
        for (int i = 0; i < settings.identities().size(); i++) {
            ControlPlaneProperties.Identity identity = settings.identities().get(i);
            String san = identity.san();
            if (san.indexOf('*') >= 0) {
                throw new InvalidConfigurationPropertyValueException(
                        PREFIX + ".identities[" + i + "].san",
                        san,
                        "expected: one name as it stands in the certificate, without wildcards");
            }
            identities
                    .computeIfAbsent(gateway(identity.gateway(), "identities", i), none -> new TreeSet<>())
                    .add(san.indexOf(':') >= 0 ? san : san.toLowerCase(Locale.ROOT));
        }
        if (!settings.enabled() || !settings.secrets()) {
            return Map.of();
        }
        ControlPlaneProperties.Ssl ssl = properties.server().ssl();
        if (ssl.bundle() == null || ssl.bundle().isBlank() || ssl.clientAuth() == ClientAuth.NONE) {
            throw new InvalidConfigurationPropertyValueException(
                    PREFIX + ".secrets",
                    true,
                    "Secrets are given over mutual TLS alone: set xds-lb.control-plane.server.ssl.bundle, and"
                            + " xds-lb.control-plane.server.ssl.client-auth=require (or optional)");
        }
        if (identities.isEmpty()) {
            throw new InvalidConfigurationPropertyValueException(
                    PREFIX + ".secrets",
                    true,
                    "nobody is known to be an Envoy of a Gateway: set " + PREFIX
                            + ".identities, each with gateway=<namespace>/<name> and san=<URI or DNS name of its"
                            + " certificate>");
        }
        return identities;
    }

    private static GatewayKey gateway(String text, String list, int index) {
        GatewayKey gateway = GatewayKey.parse(text);
        if (gateway == null) {
            throw new InvalidConfigurationPropertyValueException(
                    PREFIX + "." + list + "[" + index + "].gateway",
                    text,
                    "expected: <namespace>/<name> of a Gateway, e.g. shop/ingress");
        }
        return gateway;
    }
}
