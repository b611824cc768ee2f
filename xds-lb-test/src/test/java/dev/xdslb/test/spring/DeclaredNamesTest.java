/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.test.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.xdslb.cluster.ClusterRegistry;
import dev.xdslb.endpoint.Endpoint;
import dev.xdslb.test.SentRequests;
import dev.xdslb.test.spring.checkout.CheckoutApplication;
import dev.xdslb.test.spring.checkout.Orders;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;

/** Services are declared under the names that the application has for them. */
@SpringBootTest(classes = CheckoutApplication.class, webEnvironment = WebEnvironment.NONE)
@AutoConfigureXdsLb
@Timeout(120)
class DeclaredNamesTest {
    private static final NamedServer FIRST = new NamedServer("first");
    private static final NamedServer SECOND = new NamedServer("second");

    @Autowired
    private Orders orders;

    @Autowired
    private DeclaredServices services;

    @Autowired
    private ClusterRegistry registry;

    @AfterAll
    static void stop() {
        FIRST.close();
        SECOND.close();
    }

    @ParameterizedTest
    @CsvSource({
        "orders, orders",
        "orders, orders:8080",
        "orders, orders.shop",
        "orders, ORDERS.shop.svc.cluster.local:9090",
        "orders, orders-api",
        "orders.shop, orders",
        "Orders.shop.svc.cluster.local, orders",
        "orders:8080, orders:8080",
        "orders:8080, orders-api",
        "orders-api, orders:8080",
        "payments.other, payments.other",
    })
    void serviceIsFound(String declared, String called) {
        services.declare(declared, FIRST);

        assertThat(orders.call(called)).isEqualTo("first");
        assertThat(services.requests(declared)).hasCount(1);
    }

    @ParameterizedTest
    @CsvSource({"orders:8080, orders", "orders:8080, orders:9090", "orders-api, orders", "orders.other, orders"})
    void serviceIsNotFound(String declared, String called) {
        services.declare(declared, FIRST);

        assertThatThrownBy(() -> orders.call(called))
                .hasStackTraceContaining("the test does not declare \"orders.shop");
    }

    @Test
    void portOfItsOwn_goesBeforeTheServiceWithoutOne_untilItIsWithdrawn() {
        services.declare("orders", FIRST);
        services.declare("orders:8080", SECOND);
        assertThat(orders.call("orders:8080")).isEqualTo("second");
        assertThat(orders.call("orders:9090")).isEqualTo("first");

        services.withdraw("orders:8080");
        assertThat(orders.call("orders:8080")).isEqualTo("first");

        assertThat(services.requests("orders")).hasCount(3);
        assertThat(services.requests("orders:9090")).hasCount(2); // all requests to the endpoint of that port
    }

    @Test
    void endpointsAreWhatTheTestSays() {
        Endpoint weighty = Endpoint.builder("127.0.0.1", FIRST.port())
                .weight(7)
                .pod("orders-1", "uid")
                .build();
        services.declare("orders", weighty, "[::1]:8080", 8081);

        List<Endpoint> declared = services.endpoints("orders");

        assertThat(declared)
                .extracting(Endpoint::address)
                .containsExactly(FIRST.address(), "[::1]:8080", "127.0.0.1:8081");
        assertThat(declared.get(0).weight()).isEqualTo(7);
        assertThat(declared.get(0).podName()).isEqualTo("orders-1");
        assertThat(declared)
                .allSatisfy(endpoint -> assertThat(endpoint.key().podUid()).isNotEmpty());
    }

    @Test
    void mistakes_areNamed() {
        services.declare("orders", FIRST);

        assertThatIllegalArgumentException()
                .isThrownBy(() -> services.add("orders", FIRST.port()))
                .withMessageContaining("\"orders\" at " + FIRST.address() + " twice");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> services.remove("orders", "127.0.0.1:1"))
                .withMessage(
                        "endpoint: 127.0.0.1:1 (expected: one of \"orders\", which are [" + FIRST.address() + "])");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> services.add("inventory", FIRST))
                .withMessage("service: \"inventory\" (expected: one that is declared, which are orders.shop)");
        assertThatThrownBy(() -> services.declare("orders", "nonsense"))
                .hasMessageContaining("an endpoint of \"orders\" is at \"nonsense\", which is not an address");
        assertThatThrownBy(() -> services.declare("orders", 3.5)).hasMessageContaining("java.lang.Double");
        assertThatThrownBy(() -> services.declare("orders", 0)).hasMessageContaining("its server has not started");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> services.declare("not/a/name", FIRST))
                .withMessageContaining("not/a/name");
        assertThat(services.endpoints("orders")).hasSize(1);
    }

    @Test
    void requestsToWhatIsNotDeclared_areRefused() {
        services.declare("orders", FIRST);
        services.declare("payments:8080", SECOND);

        assertThatIllegalArgumentException()
                .isThrownBy(() -> services.requests("ordres"))
                .withMessage("service: \"ordres\" (expected: one that the test has declared, which are orders.shop,"
                        + " payments.shop:8080)");
        assertThatIllegalArgumentException().isThrownBy(() -> services.requests("payments:9090"));
        assertThat(services.requests("orders:9090")).areNone();
        assertThat(services.requests("payments")).areNone();
        services.withdraw("orders");
        assertThat(services.requests("orders")).areNone();
    }

    @Test
    void failureForAServiceThatWasNeverAskedFor_namesThoseThatWere() {
        services.declare("orders", FIRST);
        orders.call();

        assertThatThrownBy(() -> assertThat(SentRequests.to(registry, "ordres.shop"))
                        .within(Duration.ZERO)
                        .hasCount(1))
                .hasMessageContaining("It has asked for: ")
                .hasMessageContaining("orders.shop");
    }

    @Test
    void requestsCanBeCounted_fromAnyMomentOn() {
        services.declare("orders", FIRST);
        orders.call();

        SentRequests fromNow = SentRequests.to(registry, "orders.shop");
        orders.call();
        orders.call();

        assertThat(fromNow).hasCount(2).haveSucceeded();
        assertThat(services.requests("orders")).hasCount(3);
        assertThat(SentRequests.to(registry, "unknown.shop")).areNone().haveEnded();
    }
}
