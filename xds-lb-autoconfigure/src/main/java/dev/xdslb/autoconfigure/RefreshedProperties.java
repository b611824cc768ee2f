/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.autoconfigure;

import dev.xdslb.autoconfigure.XdsLbProperties.Client;
import dev.xdslb.cluster.ClusterRegistry;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.context.properties.bind.BindException;
import org.springframework.boot.context.properties.bind.BindHandler;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.bind.handler.NoUnboundElementsBindHandler;
import org.springframework.boot.context.properties.source.UnboundElementsSourceFilter;
import org.springframework.cloud.context.environment.EnvironmentChangeEvent;
import org.springframework.context.ApplicationListener;
import org.springframework.core.env.Environment;

/**
 * Applies changed properties while the application runs: what decides how services are balanced takes effect at once, with all
 * that was measured kept. What is read at the start only is said in one warning. Values that cannot work are refused as a whole,
 * with a warning; those from before stay in use.
 */
final class RefreshedProperties implements ApplicationListener<EnvironmentChangeEvent> {
    private static final Logger log = LoggerFactory.getLogger(RefreshedProperties.class);

    private final Environment environment;
    private final LiveClusters clusters;
    private final ConfiguredConnections connections;
    private final ClusterRegistry registry;
    private XdsLbProperties present; // guarded by this

    RefreshedProperties(
            Environment environment,
            LiveClusters clusters,
            ConfiguredConnections connections,
            ClusterRegistry registry,
            XdsLbProperties present) {
        this.environment = environment;
        this.clusters = clusters;
        this.connections = connections;
        this.registry = registry;
        this.present = present;
    }

    @Override
    public synchronized void onApplicationEvent(EnvironmentChangeEvent event) {
        XdsLbProperties changed;
        try {
            changed = read();
            if (changed.equals(present)) {
                return;
            }
            ConfiguredConnections.check(changed);
            clusters.change(changed);
            connections.change(changed);
        } catch (XdsLbConfigurationException | BindException e) {
            log.warn(
                    "The changed properties of xds-lb cannot be used, and those from before stay in use: {}",
                    reason(e));
            return;
        }
        registry.settingsChanged();
        List<String> later = changedLater(present, changed);
        present = changed;
        log.info("The changed properties of xds-lb are in use");
        if (!later.isEmpty()) {
            log.warn("Changed, but read when the application starts only: {}. Restart it to use them.", later);
        }
    }

    private XdsLbProperties read() {
        return Binder.get(environment)
                .bindOrCreate(
                        "xds-lb",
                        Bindable.of(XdsLbProperties.class),
                        new NoUnboundElementsBindHandler(BindHandler.DEFAULT, new UnboundElementsSourceFilter()));
    }

    /** The cause knows which property it is. */
    private static String reason(Exception e) {
        StringBuilder reason = new StringBuilder(String.valueOf(e.getMessage()));
        for (Throwable cause = e.getCause(); cause != null; cause = cause.getCause()) {
            reason.append(": ").append(cause.getMessage());
        }
        return reason.toString();
    }

    private static List<String> changedLater(XdsLbProperties before, XdsLbProperties after) {
        Map<String, List<@Nullable Object>> values = new LinkedHashMap<>();
        values.put("xds-lb.enabled", pair(before.enabled(), after.enabled()));
        values.put("xds-lb.control-plane.*", pair(before.controlPlane(), after.controlPlane()));
        values.put("xds-lb.namespace", pair(before.namespace(), after.namespace()));
        values.put("xds-lb.cluster-domain", pair(before.clusterDomain(), after.clusterDomain()));
        values.put("xds-lb.zone", pair(before.zone(), after.zone()));
        values.put("xds-lb.own-service", pair(before.ownService(), after.ownService()));
        values.put("xds-lb.last-good-file", pair(before.lastGoodFile(), after.lastGoodFile()));
        values.put("xds-lb.idle-timeout", pair(before.idleTimeout(), after.idleTimeout()));
        values.put(
                "xds-lb.max-unconfigured-services",
                pair(before.maxUnconfiguredServices(), after.maxUnconfiguredServices()));
        values.put("xds-lb.verify-service-name", pair(before.verifyServiceName(), after.verifyServiceName()));
        values.put("xds-lb.max-lease-age", pair(before.maxLeaseAge(), after.maxLeaseAge()));
        values.put("xds-lb.metrics.*", pair(before.metrics(), after.metrics()));
        TreeSet<String> ids = new TreeSet<>(before.clients().keySet());
        ids.addAll(after.clients().keySet());
        for (String id : ids) {
            Client earlier = before.clients().get(id);
            Client later = after.clients().get(id);
            values.put("xds-lb.clients." + id + ".enabled", pair(isEnabled(earlier), isEnabled(later)));
            values.put("xds-lb.clients." + id + ".resource", pair(resource(earlier), resource(later)));
        }
        return values.entrySet().stream()
                .filter(entry -> !Objects.equals(
                        entry.getValue().get(0), entry.getValue().get(1)))
                .map(Map.Entry::getKey)
                .toList();
    }

    private static List<@Nullable Object> pair(@Nullable Object before, @Nullable Object after) {
        return Arrays.asList(before, after);
    }

    private static boolean isEnabled(@Nullable Client client) {
        return client == null || client.enabled();
    }

    private static @Nullable String resource(@Nullable Client client) {
        return client == null ? null : client.resource();
    }
}
