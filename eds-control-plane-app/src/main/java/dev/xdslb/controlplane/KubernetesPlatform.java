/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane;

import java.util.Map;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.context.ApplicationContextInitializer;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.env.MapPropertySource;

/**
 * Turns Spring Cloud Kubernetes on exactly when the API server is the source. By itself it looks whether it runs in a
 * pod, which is neither necessary (a kubeconfig will do) nor sufficient (manifests are read in a pod, too).
 */
final class KubernetesPlatform implements ApplicationContextInitializer<ConfigurableApplicationContext> {

    @Override
    public void initialize(ConfigurableApplicationContext context) {
        Binder binder = Binder.get(context.getEnvironment());
        boolean manifests = binder.bind("xds-lb.control-plane.source", ControlPlaneProperties.Source.class)
                .map(source -> source == ControlPlaneProperties.Source.MANIFESTS)
                .orElseGet(() -> binder.bind("xds-lb.control-plane.manifests.directory", String.class)
                        .isBound());
        context.getEnvironment()
                .getPropertySources()
                .addFirst(new MapPropertySource(
                        "xds-lb-cloud-platform",
                        Map.of("spring.main.cloud-platform", manifests ? "none" : "kubernetes")));
    }
}
