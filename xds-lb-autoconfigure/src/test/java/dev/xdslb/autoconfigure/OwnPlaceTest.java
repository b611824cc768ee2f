/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import dev.xdslb.FakeEndpointSource;
import dev.xdslb.cluster.ClusterRegistry;
import dev.xdslb.cluster.EndpointSource.Place;
import dev.xdslb.endpoint.Endpoint;
import dev.xdslb.endpoint.Locality;
import dev.xdslb.policy.ClientPlace;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.env.SystemEnvironmentPropertySource;

/** Where the zone and the client shares come from: property, else XDSLB_ZONE, else the control plane. */
class OwnPlaceTest {
    private final FakeEndpointSource source = new FakeEndpointSource();

    @Test
    void nothingConfigured_theControlPlaneIsAsked() {
        TestContexts.fedBy(source).run(context -> {
            assertThat(place(context.getBean(ClusterRegistry.class)).zone()).isEmpty();

            answer();

            assertThat(place(context.getBean(ClusterRegistry.class)).zone()).isEqualTo("told");
            assertThat(source.subscribed()).containsExactly("told-service.shop:80");
        });
    }

    @Test
    void variable_winsOverTheControlPlane() {
        withVariable(TestContexts.fedBy(source)).run(context -> {
            answer();

            assertThat(place(context.getBean(ClusterRegistry.class)).zone()).isEqualTo("of-the-variable");
            assertThat(source.subscribed()).as("the service is taken from it").containsExactly("told-service.shop:80");
        });
    }

    @Test
    void property_winsOverTheVariable() {
        withVariable(TestContexts.fedBy(source))
                .withPropertyValues("xds-lb.zone=of-the-property")
                .run(context -> {
                    answer();

                    assertThat(place(context.getBean(ClusterRegistry.class)).zone())
                            .isEqualTo("of-the-property");
                });
    }

    @Test
    void ownService_isCompletedByTheNamespace_andSaysTheShares() {
        TestContexts.fedBy(source)
                .withPropertyValues("xds-lb.zone=a", "xds-lb.own-service=checkout")
                .run(context -> {
                    assertThat(source.place()).as("nothing left to ask").isNull();
                    assertThat(source.subscribed()).containsExactly("checkout.shop");
                    source.publish("checkout.shop", endpoint("10.0.0.1", "a"), endpoint("10.0.0.2", "b"));

                    assertThat(place(context.getBean(ClusterRegistry.class)).clientShare("a"))
                            .isEqualTo(0.5);
                    assertThat(context.getBean(ClusterRegistry.class).clusters())
                            .as("nobody balances over it")
                            .isEmpty();
                });
    }

    private void answer() {
        source.place().onPlace(new Place(Locality.ofZone("told"), List.of("told-service.shop:80"), Map.of()));
    }

    private static ClientPlace place(ClusterRegistry registry) {
        return registry.place();
    }

    private static ApplicationContextRunner withVariable(ApplicationContextRunner runner) {
        return runner.withInitializer(context -> context.getEnvironment()
                .getPropertySources()
                .addAfter(
                        StandardEnvironment.SYSTEM_PROPERTIES_PROPERTY_SOURCE_NAME,
                        new SystemEnvironmentPropertySource(
                                "test-" + StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME,
                                Map.of("XDSLB_ZONE", "of-the-variable"))));
    }

    private static Endpoint endpoint(String address, String zone) {
        return Endpoint.builder(address, 8080).locality(Locality.ofZone(zone)).build();
    }
}
