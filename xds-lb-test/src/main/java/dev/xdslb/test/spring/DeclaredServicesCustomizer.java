/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.test.spring;

import dev.xdslb.cluster.ClusterRegistry;
import dev.xdslb.springcloud.ServiceNames;
import java.util.Set;
import java.util.function.Supplier;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.beans.factory.support.BeanDefinitionRegistry;
import org.springframework.beans.factory.support.RootBeanDefinition;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.test.context.ContextCustomizer;
import org.springframework.test.context.MergedContextConfiguration;

/**
 * Puts declared services in the place of the control plane. Part of the key of the context: what the application does when it
 * starts may depend on it.
 *
 * @param declarations what the test class declares
 */
record DeclaredServicesCustomizer(Set<Declaration> declarations) implements ContextCustomizer {
    private static final String SERVICES = "xdsLbDeclaredServices";
    private static final String SOURCE = "xdsLbDeclaredServiceSource";

    @Override
    public void customizeContext(ConfigurableApplicationContext context, MergedContextConfiguration configuration) {
        ConfigurableListableBeanFactory beans = context.getBeanFactory();
        if (!(beans instanceof BeanDefinitionRegistry registry)) {
            throw new IllegalStateException("context: " + context.getClass().getName()
                    + " (expected: one whose bean factory takes bean definitions)");
        }
        registry.registerBeanDefinition(SERVICES, definition(DeclaredServices.class, () -> services(beans, context)));
        RootBeanDefinition source = definition(
                DeclaredServiceSource.class,
                () -> beans.getBean(SERVICES, DeclaredServices.class).source());
        source.setPrimary(true);
        registry.registerBeanDefinition(SOURCE, source);
    }

    private DeclaredServices services(ConfigurableListableBeanFactory beans, ConfigurableApplicationContext context) {
        DeclaredServices services = new DeclaredServices(
                new DeclaredServiceSource(),
                beans.getBeanProvider(ServiceNames.class),
                beans.getBeanProvider(ClusterRegistry.class),
                context.getEnvironment());
        if (beans.getBeanProvider(ServiceNames.class).getIfAvailable() != null) {
            services.begin(declarations);
        }
        return services;
    }

    /** Lazy, since in the context of a slice nobody may ask for it. */
    private static <T> RootBeanDefinition definition(Class<T> type, Supplier<T> supplier) {
        RootBeanDefinition definition = new RootBeanDefinition(type, supplier);
        definition.setLazyInit(true);
        return definition;
    }
}
