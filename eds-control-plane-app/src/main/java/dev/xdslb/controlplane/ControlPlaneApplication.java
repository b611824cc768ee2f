/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.ConfigurableApplicationContext;

/** The control plane: watches Kubernetes (or a folder of manifests) and serves endpoints over xDS. */
@SpringBootApplication
@EnableConfigurationProperties(ControlPlaneProperties.class)
public class ControlPlaneApplication {
    private static final Logger log = LoggerFactory.getLogger(ControlPlaneApplication.class);

    /**
     * The name of the configuration file. Not {@code application}: as a library (in the demo) it shares the class path
     * with another application's file of that name.
     */
    static final String CONFIG_NAME = "eds-control-plane";

    public static void main(String[] arguments) {
        program().run(arguments);
    }

    /** Returns a builder for a program of its own: no other application's {@code application.yml} is on its class path. */
    static SpringApplicationBuilder program() {
        return builder()
                .properties("spring.config.name=application," + CONFIG_NAME)
                .initializers(ControlPlaneApplication::nameUnknownVariables);
    }

    /** Spring Boot does not check them, as others' may be named alike. */
    private static void nameUnknownVariables(ConfigurableApplicationContext context) {
        for (String name : KnownProperties.unknownVariables(
                context.getEnvironment().getSystemEnvironment().keySet())) {
            log.warn("The environment variable {} is no property of the control plane; it does not count", name);
        }
    }

    /**
     * Returns a builder that runs the control plane in a context of its own, also beside another application in the same
     * JVM. Settings go to {@code run} as arguments ({@code --server.port=0}).
     */
    public static SpringApplicationBuilder builder() {
        return new SpringApplicationBuilder(ControlPlaneApplication.class)
                .properties("spring.config.name=" + CONFIG_NAME)
                .initializers(new KubernetesPlatform());
    }
}
