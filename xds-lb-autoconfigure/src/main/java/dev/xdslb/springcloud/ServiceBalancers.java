/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.springcloud;

import static java.util.Objects.requireNonNull;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.springframework.aot.AotDetector;
import org.springframework.beans.factory.BeanFactoryUtils;
import org.springframework.beans.factory.NoSuchBeanDefinitionException;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.cloud.client.loadbalancer.LoadBalancerClientsProperties;
import org.springframework.cloud.loadbalancer.annotation.LoadBalancerClientSpecification;
import org.springframework.cloud.loadbalancer.core.ReactorLoadBalancer;
import org.springframework.cloud.loadbalancer.core.ServiceInstanceListSupplier;
import org.springframework.cloud.loadbalancer.support.LoadBalancerClientFactory;
import org.springframework.context.ApplicationContext;
import org.springframework.context.ApplicationContextInitializer;
import org.springframework.context.support.GenericApplicationContext;
import org.springframework.core.env.Environment;

/**
 * Spring Cloud's factory of balancers, without a context per service where that context would hold nothing but ours. Spring
 * Cloud makes one for each host name that a request has ever gone to, and keeps it. A service that the application has
 * configured for Spring Cloud LoadBalancer (a {@code @LoadBalancerClient}, a list or a balancer of its own,
 * {@code spring.cloud.loadbalancer.configurations}) has its context as always.
 *
 * <p>Any thread may ask for any service. About {@value #MAX_SERVICES} balancers are kept, those that are used before the
 * others: a request's host may come from outside, and a balancer is quickly made.
 */
public final class ServiceBalancers extends LoadBalancerClientFactory {
    static final int MAX_SERVICES = 1_000;

    private static final String DEFAULT = "default"; // of spring.cloud.loadbalancer.configurations

    private final LoadBalancerClientsProperties properties;
    private final Map<String, ApplicationContextInitializer<GenericApplicationContext>>
            prepared; // ahead of time, by name
    private final Class<?> ours;
    private final Function<String, @Nullable ServiceClusters> balanced;
    private final ConcurrentHashMap<String, Service> services = new ConcurrentHashMap<>();

    /**
     * Makes the factory.
     *
     * @param ours our own configuration for contexts of services, which gives a context no reason to be
     * @param balanced returns a service's clusters; null where xds-lb is switched off for it
     */
    public ServiceBalancers(
            LoadBalancerClientsProperties properties,
            Class<?> ours,
            Function<String, @Nullable ServiceClusters> balanced) {
        this(properties, Map.of(), ours, balanced);
    }

    private ServiceBalancers(
            LoadBalancerClientsProperties properties,
            Map<String, ApplicationContextInitializer<GenericApplicationContext>> prepared,
            Class<?> ours,
            Function<String, @Nullable ServiceClusters> balanced) {
        super(properties, prepared);
        this.properties = properties;
        this.prepared = prepared;
        this.ours = ours;
        this.balanced = balanced;
    }

    /** Called by what Spring Cloud generates ahead of time, with the contexts that it has prepared. */
    @Override
    @SuppressWarnings("unchecked") // as Spring Cloud generates them
    public ServiceBalancers withApplicationContextInitializers(Map<String, Object> initializers) {
        Map<String, ApplicationContextInitializer<GenericApplicationContext>> contexts = new HashMap<>();
        initializers.forEach((name, initializer) ->
                contexts.put(name, (ApplicationContextInitializer<GenericApplicationContext>) initializer));
        ServiceBalancers factory = new ServiceBalancers(properties, contexts, ours, balanced);
        factory.setConfigurations(List.copyOf(getConfigurations().values()));
        return factory;
    }

    @Override
    public <T> @Nullable T getInstance(String serviceId, Class<T> type) {
        Service service = service(serviceId);
        if (service == null) {
            return super.getInstance(serviceId, type);
        }
        T own = service.bean(type);
        return own == null ? bean(type) : own;
    }

    @Override
    public <T> Map<String, T> getInstances(String serviceId, Class<T> type) {
        Service service = service(serviceId);
        if (service == null) {
            return super.getInstances(serviceId, type);
        }
        Map<String, T> beans = BeanFactoryUtils.beansOfTypeIncludingAncestors(getParent(), type);
        T own = service.bean(type);
        if (own == null) {
            return beans;
        }
        Map<String, T> all = new LinkedHashMap<>(beans);
        all.put("xdsLb" + own.getClass().getSimpleName(), own);
        return all;
    }

    /** Makes the context of a service that has one. */
    @Override
    public GenericApplicationContext createContext(String serviceId) {
        if (AotDetector.useGeneratedArtifacts() && !prepared.containsKey(serviceId)) {
            throw new IllegalStateException(
                    "service \"" + serviceId + "\" has settings for Spring Cloud LoadBalancer that need"
                            + " a context of its own, and none was prepared ahead of time; name the service in"
                            + " spring.cloud.loadbalancer.eager-load.clients and build again");
        }
        return super.createContext(serviceId);
    }

    private <T> @Nullable T bean(Class<T> type) {
        try {
            return getParent().getBean(type);
        } catch (NoSuchBeanDefinitionException e) {
            return null; // as Spring Cloud answers
        }
    }

    /** Returns null where the service has a context, and its balancer is a bean of that. */
    private @Nullable Service service(String serviceId) {
        Service known = services.get(serviceId);
        if (known == null) {
            Service made = make(serviceId);
            if (made != Service.IN_CONTEXT) { // the context is kept in any case
                makeRoom();
            }
            Service raced = services.putIfAbsent(serviceId, made);
            known = raced == null ? made : raced;
        }
        if (known == Service.IN_CONTEXT) {
            return null;
        }
        known.use();
        return known;
    }

    /** Gives up one that was not asked for since the last look, as long as there are too many. */
    private void makeRoom() {
        for (int looks = 0; looks < 2 && services.size() >= MAX_SERVICES; looks++) {
            for (Map.Entry<String, Service> entry : services.entrySet()) {
                if (services.size() < MAX_SERVICES) {
                    return;
                }
                if (entry.getValue() != Service.IN_CONTEXT && !entry.getValue().isUsedAgain()) {
                    services.remove(entry.getKey(), entry.getValue());
                }
            }
        }
    }

    private Service make(String serviceId) {
        ServiceClusters clusters = hasSettings(serviceId) ? null : balanced.apply(serviceId);
        return clusters == null ? Service.IN_CONTEXT : Service.of(clusters, avoidsTried(serviceId));
    }

    private boolean avoidsTried(String serviceId) {
        String value = property(serviceId, "retry.avoid-previous-instance");
        return value == null || Boolean.parseBoolean(value.strip());
    }

    private @Nullable String property(String serviceId, String name) {
        return property(requireNonNull(getParent()).getEnvironment(), serviceId, name);
    }

    /**
     * Returns a setting of Spring Cloud LoadBalancer as text: the service's own, else that for all.
     *
     * @param name without {@code spring.cloud.loadbalancer.}
     * @return null where there is neither
     */
    public static @Nullable String property(Environment environment, String serviceId, String name) {
        String own = environment.getProperty("spring.cloud.loadbalancer.clients." + serviceId + '.' + name);
        return own == null ? environment.getProperty("spring.cloud.loadbalancer." + name) : own;
    }

    /** Whether a context of the service would hold anything that is not ours. */
    private boolean hasSettings(String serviceId) {
        return prepared.containsKey(serviceId)
                || getConfigurations().values().stream().anyMatch(specification -> concerns(specification, serviceId))
                || isConfigured(property(serviceId, "configurations"))
                || !getProperties(serviceId).getHint().isEmpty()
                || hasBean(ReactorLoadBalancer.class)
                || hasBean(ServiceInstanceListSupplier.class);
    }

    private boolean concerns(LoadBalancerClientSpecification specification, String serviceId) {
        String name = specification.getName();
        if (!name.startsWith("default.") && !name.equals(serviceId)) {
            return false;
        }
        return List.of(specification.getConfiguration()).stream().anyMatch(configuration -> configuration != ours);
    }

    private static boolean isConfigured(@Nullable String configurations) {
        return configurations != null
                && !configurations.isBlank()
                && !configurations.strip().equals(DEFAULT);
    }

    private boolean hasBean(Class<?> type) {
        ApplicationContext parent = getParent();
        return BeanFactoryUtils.beanNamesForTypeIncludingAncestors(parent, type, true, false).length > 0;
    }

    /** What the context of a service would hold, the balancer first. */
    private static final class Service {
        /** Stands for all services that have a context. */
        private static final Service IN_CONTEXT = new Service(List.of());

        private final List<Object> beans;
        private volatile boolean used; // since somebody looked; any thread writes

        private Service(List<Object> beans) {
            this.beans = beans;
        }

        private static Service of(ServiceClusters clusters, boolean avoidsTried) {
            XdsServiceInstanceListSupplier list = new XdsServiceInstanceListSupplier(clusters);
            return new Service(List.of(new XdsLoadBalancer(clusters, new Only(list), avoidsTried), list, clusters));
        }

        private void use() {
            if (!used) {
                used = true;
            }
        }

        private boolean isUsedAgain() {
            boolean again = used;
            used = false;
            return again;
        }

        private <T> @Nullable T bean(Class<T> type) {
            for (Object bean : beans) {
                if (type.isInstance(bean)) {
                    return type.cast(bean);
                }
            }
            return null;
        }
    }

    private record Only(ServiceInstanceListSupplier list) implements ObjectProvider<ServiceInstanceListSupplier> {
        @Override
        public ServiceInstanceListSupplier getObject() {
            return list;
        }
    }
}
