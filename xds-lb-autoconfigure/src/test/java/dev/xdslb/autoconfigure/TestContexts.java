/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.autoconfigure;

import dev.xdslb.FakeEndpointSource;
import dev.xdslb.cluster.EndpointSource;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Configuration;

/** The context of an ordinary service that has the starter. */
public final class TestContexts {
    private TestContexts() {}

    /** Returns an application in namespace {@code shop}, with everything that is on the class path configured. */
    public static ApplicationContextRunner application() {
        return new ApplicationContextRunner()
                .withUserConfiguration(Application.class)
                .withPropertyValues(
                        "xds-lb.namespace=shop",
                        "spring.cloud.discovery.enabled=false",
                        // By itself two seconds, for each context. With none, threads end before the connections that
                        // they are to close, and closing the context fails or never ends.
                        "spring.reactor.netty.shutdown-quiet-period=100ms");
    }

    /** Returns the same, with endpoints from this source. */
    public static ApplicationContextRunner fedBy(FakeEndpointSource source) {
        return application().withBean(EndpointSource.class, () -> source);
    }

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class Application {}
}
