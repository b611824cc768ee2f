/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.migration;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.cloud.client.loadbalancer.LoadBalanced;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.web.client.RestClient;
import org.springframework.web.reactive.function.client.WebClient;

/** An application with clients for both worlds. */
@Configuration(proxyBeanMethods = false)
@EnableAutoConfiguration
class Application {

    static ConfigurableApplicationContext start(List<String> properties, String... more) {
        List<String> arguments = new ArrayList<>(properties);
        Collections.addAll(arguments, more);
        return new SpringApplicationBuilder(Application.class)
                .registerShutdownHook(false)
                .run(arguments.stream().map(property -> "--" + property).toArray(String[]::new));
    }

    static String blocking(ConfigurableApplicationContext context, String service) {
        return context.getBean(RestClient.Builder.class)
                .build()
                .get()
                .uri("http://" + service + "/")
                .retrieve()
                .body(String.class);
    }

    static String reactive(ConfigurableApplicationContext context, String service) {
        return context.getBean(WebClient.Builder.class)
                .build()
                .get()
                .uri("http://" + service + "/")
                .retrieve()
                .bodyToMono(String.class)
                .block();
    }

    @Bean
    @LoadBalanced
    RestClient.Builder restClients() {
        return RestClient.builder();
    }

    @Bean
    @LoadBalanced
    WebClient.Builder webClients() {
        return WebClient.builder();
    }
}
