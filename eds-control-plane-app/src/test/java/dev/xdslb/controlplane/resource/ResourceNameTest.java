/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.resource;

import static org.assertj.core.api.Assertions.assertThat;

import dev.xdslb.controlplane.ads.ClientVariant;
import dev.xdslb.controlplane.ads.ClientVariant.Family;
import dev.xdslb.controlplane.topology.ServiceKey;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ResourceNameTest {
    private static final ClientVariant CLIENT = new ClientVariant(Family.GRPC, "own");
    private static final String DOMAIN = "k8s.corp";

    @ParameterizedTest
    @CsvSource({
        "orders, own, ''",
        "orders., own, ''",
        "orders:8080, own, 8080",
        "orders.shop, shop, ''",
        "orders.shop.:8080, shop, 8080",
        "orders.shop.svc, shop, ''",
        "orders.shop.svc:grpc, shop, grpc",
        "orders.shop.svc.k8s.corp, shop, ''",
        "orders.shop.svc.k8s.corp.:8080, shop, 8080",
        "ORDERS.Shop.SVC.K8s.Corp.:GRPC, shop, grpc",
        "Orders, own, ''",
        "orders.svc, svc, ''", // a namespace may have this name
        "orders.shop:8080?protocol=grpc, shop, 8080"
    })
    void nameOfAService(String requested, String namespace, String port) {
        assertThat(ResourceName.parse(requested, CLIENT, DOMAIN))
                .isEqualTo(new ResourceName(new ServiceKey(namespace, "orders"), port, true));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                ".",
                "..",
                ":8080",
                ".shop",
                "orders..",
                "orders..svc",
                "orders.shop..",
                "orders.shop.svc.cluster.local", // of another cluster
                "orders.shop.svc.k8s.corp.example",
                "orders.shop.svcs",
                "orders.shop.pod",
                "orders.shop.svck8s.corp",
                "orders.shop.k8s.corp",
                "orders.shop:",
                "orders.shop:80:80",
                "orders.shop:8080.",
                "orders shop",
                "xdstp://authority/orders.shop"
            })
    void noNameOfAService(String requested) {
        assertThat(ResourceName.parse(requested, CLIENT, DOMAIN)).isNull();
    }
}
