/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.sample.backend;

import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.web.servlet.function.RouterFunction;
import org.springframework.web.servlet.function.RouterFunctions;
import org.springframework.web.servlet.function.ServerResponse;

/**
 * One pod of the service {@code orders} as a Spring Boot process that stops gracefully. Its settings are {@link
 * BackendSettings}; from the sample's jar it starts with
 *
 * <pre>
 * java -Dloader.main=dev.xdslb.sample.backend.BackendApplication -cp sample-app.jar \
 *     org.springframework.boot.loader.launch.PropertiesLauncher --server.port=8080 --backend.pod-name=orders-1
 * </pre>
 *
 * <p>It answers {@code GET} and {@code POST /orders/{id}}, and obeys {@code PUT /backend/latency?value=50ms} and {@code PUT
 * /backend/failing?value=true}.
 *
 * <p>Deliberately without {@code @SpringBootApplication}: the component scan of the sample beside it must not find it.
 */
@EnableAutoConfiguration
@EnableConfigurationProperties(BackendSettings.class)
public class BackendApplication {

    public static void main(String[] arguments) {
        builder().run(arguments);
    }

    /** Returns a builder that runs the pod; beside other applications, too. */
    public static SpringApplicationBuilder builder() {
        // "application" is the sample's configuration file on the same class path.
        return new SpringApplicationBuilder(BackendApplication.class).properties("spring.config.name=backend");
    }

    @Bean
    Behaviour behaviour(BackendSettings settings) {
        return new Behaviour(settings.latency());
    }

    @Bean
    RouterFunction<ServerResponse> routes(BackendSettings settings, Behaviour behaviour) {
        BackendRoutes routes = new BackendRoutes(settings.podName(), behaviour);
        return RouterFunctions.route()
                .GET("/orders/{id}", routes::order)
                .POST("/orders/{id}", routes::order)
                .PUT("/backend/latency", routes::latency)
                .PUT("/backend/failing", routes::failing)
                .build();
    }

    @Bean
    PodNameHeader podNameHeader(BackendSettings settings) {
        return new PodNameHeader(settings.podName());
    }

    @Bean
    GrpcOrdersLifecycle grpcOrders(BackendSettings settings, Behaviour behaviour) {
        return new GrpcOrdersLifecycle(settings, behaviour);
    }
}
