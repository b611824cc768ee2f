/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane;

import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.context.properties.EnableConfigurationProperties;

/** The control plane: watches Kubernetes (or a folder of manifests) and serves endpoints over xDS. */
@SpringBootApplication
@EnableConfigurationProperties(ControlPlaneProperties.class)
public class ControlPlaneApplication {

    /**
     * The name of the configuration file. Not {@code application}: as a library (in the demo) it shares the class path
     * with another application's file of that name.
     */
    static final String CONFIG_NAME = "eds-control-plane";

    public static void main(String[] arguments) {
        program().run(arguments);
    }

    /** Returns a builder for a program of its own: there is no other application whose {@code application.yml} it could take for its own. */
    static SpringApplicationBuilder program() {
        return builder().properties("spring.config.name=application," + CONFIG_NAME);
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
