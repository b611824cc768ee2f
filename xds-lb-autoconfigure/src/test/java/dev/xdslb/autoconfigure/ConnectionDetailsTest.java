/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import dev.xdslb.cluster.EndpointSource;
import org.junit.jupiter.api.Test;

/** Where the control plane is, by the properties or by a bean. */
class ConnectionDetailsTest {
    private static final String ADDRESS = "xds-lb.control-plane.address=127.0.0.1:7";

    @Test
    void withoutABean_areWhatIsConfigured() {
        TestContexts.application().withPropertyValues(ADDRESS).run(context -> {
            XdsLbConnectionDetails details = context.getBean(XdsLbConnectionDetails.class);
            assertThat(details.getAddress()).isEqualTo("127.0.0.1:7");
            assertThat(details.getSslBundle()).isNull();
            assertThat(context.getBean(EndpointSource.class).description()).contains("127.0.0.1:7");
        });
    }

    @Test
    void bean_goesBeforeThePropertiesTogether() {
        TestContexts.application()
                .withPropertyValues(ADDRESS, "xds-lb.control-plane.ssl.bundle=nobody-looks")
                .withBean(XdsLbConnectionDetails.class, () -> () -> "[::1]:9")
                .run(context -> {
                    assertThat(context).hasNotFailed().hasSingleBean(XdsLbConnectionDetails.class);
                    assertThat(context.getBean(EndpointSource.class).description())
                            .contains("[::1]:9");
                });
    }

    @Test
    void beanWithoutAnAddress_endsTheStart_andIsNamed() {
        TestContexts.application()
                .withPropertyValues(ADDRESS)
                .withBean(XdsLbConnectionDetails.class, () -> new Details("nonsense"))
                .run(context -> assertThat(context.getStartupFailure())
                        .rootCause()
                        .hasMessageContaining("the address of bean " + Details.class.getName()
                                + " is \"nonsense\": it is not an address."));
    }

    @Test
    void whereEndpointsComeFromElsewhere_nobodyLooksAtTheProperties() {
        TestContexts.application()
                .withPropertyValues("xds-lb.control-plane.ssl.bundle=nobody-looks")
                .withBean(EndpointSource.class, NoEndpoints::new)
                .run(context -> assertThat(context).hasNotFailed().doesNotHaveBean(XdsLbConnectionDetails.class));
    }

    private record Details(String address) implements XdsLbConnectionDetails {
        @Override
        public String getAddress() {
            return address;
        }
    }

    private static final class NoEndpoints implements EndpointSource {
        @Override
        public Subscription subscribe(String resource, Watcher watcher) {
            return () -> {};
        }

        @Override
        public String description() {
            return "nobody";
        }

        @Override
        public void close() {}
    }
}
