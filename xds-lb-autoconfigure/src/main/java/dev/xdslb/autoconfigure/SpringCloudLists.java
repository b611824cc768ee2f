/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.autoconfigure;

import dev.xdslb.springcloud.ServiceBalancers;
import dev.xdslb.springcloud.ServiceClusters;
import dev.xdslb.springcloud.XdsServiceInstanceListSupplier;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.cloud.client.loadbalancer.LoadBalancerProperties;
import org.springframework.cloud.loadbalancer.core.ServiceInstanceListSupplier;
import org.springframework.cloud.loadbalancer.core.ServiceInstanceListSupplierBuilder;
import org.springframework.cloud.loadbalancer.support.LoadBalancerClientFactory;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.env.Environment;
import org.springframework.util.ClassUtils;
import org.springframework.web.client.RestClient;
import org.springframework.web.reactive.function.client.WebClient;

/**
 * The lists of instances that Spring Cloud's own properties ask for, made of the endpoints of the cluster: what an application
 * has written for Spring Cloud LoadBalancer stays true.
 */
final class SpringCloudLists {
    private static final Logger log = LoggerFactory.getLogger(SpringCloudLists.class);
    private static final String PREFIX = "spring.cloud.loadbalancer.";
    private static final String CONFIGURATIONS = "configurations";
    private static final String DEFAULT = "default";
    private static final String HEALTH_CHECK = "health-check";

    /** Its weights are those of the endpoints, which every strategy obeys. */
    private static final String WEIGHTED = "weighted";

    private static final List<String> ALL = List.of(
            DEFAULT,
            "zone-preference",
            HEALTH_CHECK,
            "request-based-sticky-session",
            "same-instance-preference",
            WEIGHTED,
            "subset",
            "api-version");

    private final String serviceId;
    private final ConfigurableApplicationContext context;
    private final LoadBalancerProperties properties;

    SpringCloudLists(String serviceId, ConfigurableApplicationContext context, LoadBalancerClientFactory factory) {
        this.serviceId = serviceId;
        this.context = context;
        LoadBalancerProperties ofService = factory.getProperties(serviceId);
        this.properties = ofService == null ? new LoadBalancerProperties() : ofService;
    }

    /** Says at start what will be without effect, or fail requests, where the application has no list of its own. */
    static void warnOfWhatHasNoEffect(Environment environment) {
        String given = environment.getProperty(PREFIX + CONFIGURATIONS);
        if (given != null && !ALL.contains(lowerCase(given))) {
            log.warn(
                    "{}{} is \"{}\", which is no configuration of Spring Cloud's ({}). Services for which the application has"
                            + " no list of instances of its own cannot be called.",
                    PREFIX,
                    CONFIGURATIONS,
                    given,
                    ALL);
        }
        for (String cache : List.of("ttl", "capacity", "caffeine.spec")) {
            if (environment.getProperty(PREFIX + "cache." + cache) != null) {
                log.warn(
                        "{}cache.{} has no effect: xds-lb keeps the endpoints in memory and is told of each change.",
                        PREFIX,
                        cache);
            }
        }
    }

    /**
     * Makes the list.
     *
     * @throws XdsLbConfigurationException when the configuration is none of Spring Cloud's, and none of the application's
     */
    XdsServiceInstanceListSupplier around(ServiceClusters clusters) {
        String configuration = lowerCase(configuration());
        if (configuration.equals(HEALTH_CHECK)) {
            return XdsServiceInstanceListSupplier.watching(
                    clusters, all -> built(all, this::addHealthChecks, this::addHints));
        }
        Consumer<ServiceInstanceListSupplierBuilder> list = listOf(configuration);
        boolean hints = !properties.getHint().isEmpty();
        return list == null && !hints
                ? new XdsServiceInstanceListSupplier(clusters)
                : XdsServiceInstanceListSupplier.restricted(
                        clusters, all -> built(all, list == null ? builder -> {} : list, this::addHints));
    }

    private @Nullable Consumer<ServiceInstanceListSupplierBuilder> listOf(String configuration) {
        return switch (configuration) {
            case DEFAULT, WEIGHTED -> null;
            case "zone-preference" -> ServiceInstanceListSupplierBuilder::withZonePreference;
            case "request-based-sticky-session" -> ServiceInstanceListSupplierBuilder::withRequestBasedStickySession;
            case "same-instance-preference" -> ServiceInstanceListSupplierBuilder::withSameInstancePreference;
            case "subset" -> ServiceInstanceListSupplierBuilder::withSubset;
            case "api-version" ->
                isPresent("org.springframework.web.reactive.accept.ApiVersionStrategy")
                        ? ServiceInstanceListSupplierBuilder::withReactiveApiVersioning
                        : ServiceInstanceListSupplierBuilder::withBlockingApiVersioning;
            default -> ofTheApplication(configuration);
        };
    }

    /** What Spring Cloud does not know may be a condition of the application's own list. */
    private @Nullable Consumer<ServiceInstanceListSupplierBuilder> ofTheApplication(String configuration) {
        if (context.getBeanNamesForType(ServiceInstanceListSupplier.class, true, false).length > 1) {
            return null;
        }
        throw new XdsLbConfigurationException(
                PREFIX + CONFIGURATIONS + " of service \"" + serviceId + "\" is \"" + configuration
                        + "\": Spring Cloud has no such configuration, and the application has no list of instances of its own.",
                "Give one of " + ALL + ", or declare a bean of type ServiceInstanceListSupplier.");
    }

    private ServiceInstanceListSupplier built(
            ServiceInstanceListSupplier all,
            Consumer<ServiceInstanceListSupplierBuilder> list,
            Consumer<ServiceInstanceListSupplierBuilder> hints) {
        ServiceInstanceListSupplierBuilder builder =
                ServiceInstanceListSupplier.builder().withBase(all);
        list.accept(builder);
        hints.accept(builder);
        return builder.build(context);
    }

    private void addHints(ServiceInstanceListSupplierBuilder builder) {
        if (!properties.getHint().isEmpty()) {
            builder.withHints();
        }
    }

    /** The checks go to addresses, so their client must be one that is not balanced. */
    private void addHealthChecks(ServiceInstanceListSupplierBuilder builder) {
        if (isPresent("org.springframework.web.reactive.function.client.WebClient")
                && isPresent("reactor.netty.http.client.HttpClient")) {
            builder.withHealthChecks(WebClient.create());
        } else {
            builder.withBlockingHealthChecks(RestClient.create());
        }
    }

    private String configuration() {
        String given = ServiceBalancers.property(context.getEnvironment(), serviceId, CONFIGURATIONS);
        return given == null ? DEFAULT : given;
    }

    private static boolean isPresent(String type) {
        return ClassUtils.isPresent(type, SpringCloudLists.class.getClassLoader());
    }

    private static String lowerCase(String text) {
        return text.strip().toLowerCase(Locale.ROOT);
    }
}
