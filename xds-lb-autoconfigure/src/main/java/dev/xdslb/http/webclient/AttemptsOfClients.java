/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.http.webclient;

import dev.xdslb.springcloud.Attempts;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.cloud.client.loadbalancer.LoadBalanced;
import org.springframework.context.ApplicationContext;
import org.springframework.web.reactive.function.client.WebClient;

/**
 * Gives each request of a load-balanced {@code WebClient} one place to remember its attempts in. Whoever subscribes again to
 * what the request returned, as Reactor's {@code retry()} does, sends the same request with the same place.
 */
public final class AttemptsOfClients implements BeanPostProcessor {
    private final ApplicationContext context;

    public AttemptsOfClients(ApplicationContext context) {
        this.context = context;
    }

    /** Lets the requests of a client remember their attempts. */
    public static void remember(WebClient.Builder builder) {
        builder.defaultRequest(request -> request.attribute(Attempts.ATTRIBUTE, new Attempts()));
    }

    @Override
    public Object postProcessBeforeInitialization(Object bean, String beanName) {
        if (bean instanceof WebClient.Builder builder
                && context.findAnnotationOnBean(beanName, LoadBalanced.class) != null) {
            remember(builder);
        }
        return bean;
    }
}
