/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class GrpcTargetTest {
    @ParameterizedTest
    @CsvSource({
        "xdslb:///orders.shop:8080, orders.shop:8080, orders.shop",
        "xdslb:///orders.shop:grpc, orders.shop:grpc, orders.shop",
        "xdslb:///orders.shop.svc.cluster.local:8080, orders.shop:8080, orders.shop",
        "xdslb:///orders.shop, orders.shop?protocol=grpc, orders.shop",
        "xdslb:///orders:8080, orders.own:8080, orders.own",
        "xdslb:///orders, orders.own?protocol=grpc, orders.own",
    })
    void target_namesAResourceAndAnAuthority(URI target, String resource, String authority) {
        GrpcTarget parsed = GrpcTarget.parse(target, "own");

        assertThat(parsed.resource()).isEqualTo(resource);
        assertThat(parsed.authority()).isEqualTo(authority);
    }

    @Test
    void namespaceThatNobodyKnows_isLeftToTheControlPlane() {
        GrpcTarget parsed = GrpcTarget.parse(URI.create("xdslb:///orders"), "");

        assertThat(parsed.resource()).isEqualTo("orders?protocol=grpc");
        assertThat(parsed.authority()).isEqualTo("orders");
    }

    @Test
    void twoSlashes_areExplained() {
        assertThatThrownBy(() -> GrpcTarget.parse(URI.create("xdslb://orders.shop:8080"), "own"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("gRPC target \"xdslb://orders.shop:8080\": \"orders.shop:8080\" stands where the name of a "
                        + "server would, a third slash is missing before it "
                        + "(expected: xdslb:///<service>[.<namespace>][:<port>], such as xdslb:///orders.shop:8080)");
    }

    @ParameterizedTest
    @ValueSource(strings = {"xdslb:///", "xdslb:/", "xdslb:orders.shop:8080"})
    void targetWithoutPath_namesNoService(URI target) {
        assertThatThrownBy(() -> GrpcTarget.parse(target, "own"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("gRPC target \"" + target + "\": names no service (expected: xdslb:///");
    }

    @ParameterizedTest
    @ValueSource(strings = {"xdslb:///orders.shop:", "xdslb:///orders/shop", "xdslb:///a.b.c.d:1", "xdslb:////orders"})
    void pathThatIsNoService_isNamed(URI target) {
        assertThatThrownBy(() -> GrpcTarget.parse(target, "own"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("gRPC target \"" + target + "\": \"")
                .hasMessageContaining("\" is not a service (expected: xdslb:///");
    }
}
