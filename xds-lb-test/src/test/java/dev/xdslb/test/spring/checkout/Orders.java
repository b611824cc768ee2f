/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.test.spring.checkout;

import org.springframework.stereotype.Component;
import org.springframework.web.client.RestClient;
import org.springframework.web.reactive.function.client.WebClient;

/** Calls a service, and returns which of its servers answered. */
@Component
public class Orders {
    private final RestClient blocking;
    private final WebClient reactive;

    Orders(RestClient.Builder blocking, WebClient.Builder reactive) {
        this.blocking = blocking.build();
        this.reactive = reactive.build();
    }

    public String call() {
        return call("orders");
    }

    public String call(String service) {
        return blocking.get().uri("http://" + service + "/").retrieve().body(String.class);
    }

    public String callReactively() {
        return reactive.get()
                .uri("http://orders/")
                .retrieve()
                .bodyToMono(String.class)
                .block();
    }
}
