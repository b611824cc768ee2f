/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.starter.matrix;

import dev.xdslb.starter.matrix.BlockingClient.ByFeign;
import dev.xdslb.starter.matrix.BlockingClient.ByInterface;
import dev.xdslb.starter.matrix.BlockingClient.OfGroup;
import feign.RequestInterceptor;
import feign.ResponseInterceptor;
import jakarta.servlet.Filter;
import jakarta.servlet.http.HttpServletRequest;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.restclient.RestTemplateBuilder;
import org.springframework.boot.restclient.autoconfigure.RestClientBuilderConfigurer;
import org.springframework.cloud.client.loadbalancer.LoadBalanced;
import org.springframework.cloud.openfeign.EnableFeignClients;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Primary;
import org.springframework.http.client.ClientHttpRequestInterceptor;
import org.springframework.web.client.RestClient;
import org.springframework.web.client.RestTemplate;
import org.springframework.web.client.support.RestClientAdapter;
import org.springframework.web.client.support.RestClientHttpServiceGroupConfigurer;
import org.springframework.web.service.invoker.HttpServiceProxyFactory;
import org.springframework.web.service.registry.ImportHttpServices;

/** An application with all blocking clients, and filters that throw where they are told to. */
@Configuration(proxyBeanMethods = false)
@EnableAutoConfiguration
@ImportHttpServices(group = "matrix", types = OfGroup.class)
@EnableFeignClients(clients = ByFeign.class)
class BlockingApplication {
    private static final ClientHttpRequestInterceptor ORDERED = (request, body, execution) -> {
        String orders = Objects.requireNonNullElse(request.getHeaders().getFirst(BlockingClient.ORDERS), "");
        throwIf(orders.equals(Outcome.THROWS_BEFORE.name()));
        var response = execution.execute(request, body);
        if (orders.equals(Outcome.THROWS_AFTER.name())) {
            response.close(); // as one must: nobody else has the response
            throwIf(true);
        }
        return response;
    };

    static void throwIf(boolean told) {
        if (told) {
            throw new IllegalStateException("as told by the test");
        }
    }

    @Bean
    @LoadBalanced
    RestClient.Builder balanced(RestClientBuilderConfigurer configurer) {
        return configurer.configure(RestClient.builder()).requestInterceptor(ORDERED);
    }

    /** Else the gateway sends with the one above. */
    @Bean
    @Primary
    RestClient.Builder unbalanced(RestClientBuilderConfigurer configurer) {
        return configurer.configure(RestClient.builder());
    }

    @Bean
    @LoadBalanced
    RestTemplate template(RestTemplateBuilder builder) {
        return builder.errorHandler(response -> false)
                .additionalInterceptors(ORDERED)
                .build();
    }

    @Bean
    ByInterface byInterface(@LoadBalanced RestClient.Builder balanced) {
        return HttpServiceProxyFactory.builderFor(RestClientAdapter.create(balanced.build()))
                .build()
                .createClient(ByInterface.class);
    }

    @Bean
    RestClientHttpServiceGroupConfigurer orderedGroups() {
        return groups -> groups.forEachClient((group, builder) -> builder.requestInterceptor(ORDERED));
    }

    @Bean
    RequestInterceptor orderedBefore() {
        return template -> throwIf(template.headers()
                .getOrDefault(BlockingClient.ORDERS, List.of())
                .contains(Outcome.THROWS_BEFORE.name()));
    }

    @Bean
    ResponseInterceptor orderedAfter() {
        return (invocation, chain) -> {
            Object result = chain.next(invocation);
            Collection<String> orders =
                    invocation.response().request().headers().getOrDefault(BlockingClient.ORDERS, List.of());
            if (orders.contains(Outcome.THROWS_AFTER.name())) {
                invocation.response().close();
                throwIf(true);
            }
            return result;
        };
    }

    @Bean
    Filter orderedFilter() {
        return (request, response, chain) -> {
            String orders = ((HttpServletRequest) request).getHeader(BlockingClient.ORDERS);
            throwIf(Outcome.THROWS_BEFORE.name().equals(orders));
            chain.doFilter(request, response);
            throwIf(Outcome.THROWS_AFTER.name().equals(orders));
        };
    }
}
