/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.starter.matrix;

import feign.Response;
import java.net.URI;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.cloud.openfeign.FeignClient;
import org.springframework.context.ApplicationContext;
import org.springframework.core.retry.RetryPolicy;
import org.springframework.core.retry.RetryTemplate;
import org.springframework.http.HttpMethod;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.client.RestClient;
import org.springframework.web.client.RestTemplate;
import org.springframework.web.service.annotation.GetExchange;

/** Spring's blocking clients. */
enum BlockingClient implements Client {
    REST_CLIENT("`RestClient`") {
        @Override
        void once(ApplicationContext application, Caller caller) {
            application
                    .getBean("balanced", RestClient.Builder.class)
                    .build()
                    .get()
                    .uri("http://" + caller.service() + caller.path())
                    .header(ORDERS, caller.outcome().orders())
                    .exchange(
                            (request, response) -> {
                                caller.look(response.getStatusCode().value());
                                caller.use(response.getBody());
                                return null;
                            },
                            caller.outcome() != Outcome.NEVER_CLOSED);
        }
    },
    REST_TEMPLATE("`RestTemplate`") {
        @Override
        void once(ApplicationContext application, Caller caller) {
            application
                    .getBean(RestTemplate.class)
                    .execute(
                            "http://" + caller.service() + caller.path(),
                            HttpMethod.GET,
                            request -> request.getHeaders()
                                    .set(ORDERS, caller.outcome().orders()),
                            response -> {
                                caller.look(response.getStatusCode().value());
                                caller.use(response.getBody());
                                return null;
                            });
        }
    },
    HTTP_INTERFACE("HTTP interface on `RestClient`") {
        @Override
        void once(ApplicationContext application, Caller caller) {
            application
                    .getBean(ByInterface.class)
                    .get(
                            URI.create("http://" + caller.service() + caller.path()),
                            caller.outcome().orders());
        }
    },
    HTTP_INTERFACE_OF_A_GROUP("the same of a group, `lb://`") {
        @Override
        void once(ApplicationContext application, Caller caller) {
            application
                    .getBean(OfGroup.class)
                    .get(
                            URI.create("http://" + caller.service() + caller.path()),
                            caller.outcome().orders());
        }
    },
    FEIGN("Feign") {
        @Override
        void once(ApplicationContext application, Caller caller) throws Exception {
            Response response = application
                    .getBean(ByFeign.class)
                    .get(
                            URI.create("http://" + caller.service()),
                            caller.outcome().path(),
                            caller.service(),
                            caller.outcome().orders());
            if (caller.outcome() == Outcome.NEVER_CLOSED) {
                caller.use(response.body().asInputStream());
                return;
            }
            try (response) {
                caller.look(response.status());
                caller.use(response.body().asInputStream());
            }
        }
    },
    GATEWAY("Gateway WebMVC") {
        @Override
        void once(ApplicationContext application, Caller caller) throws Exception {
            GatewayCall.call(application, caller);
        }
    };

    /** The header that tells the application's filters what to do. */
    static final String ORDERS = "X-Orders";

    private final String title;

    BlockingClient(String title) {
        this.title = title;
    }

    @Override
    public String title() {
        return title;
    }

    /** A call that is tried again is, where this client does not do it by itself, within Spring's template for that. */
    @Override
    public void call(ApplicationContext application, Caller caller) throws Exception {
        if (caller.outcome().isRetried() && this != GATEWAY) {
            RetryPolicy twice =
                    RetryPolicy.builder().maxRetries(2).delay(Duration.ZERO).build();
            new RetryTemplate(twice).<@Nullable Object>execute(() -> {
                once(application, caller);
                return null;
            });
        } else {
            once(application, caller);
        }
    }

    abstract void once(ApplicationContext application, Caller caller) throws Exception;

    interface ByInterface {
        @GetExchange
        String get(URI uri, @RequestHeader(ORDERS) String orders);
    }

    interface OfGroup {
        @GetExchange
        String get(URI uri, @RequestHeader(ORDERS) String orders);
    }

    @FeignClient(name = "matrix")
    interface ByFeign {
        @GetMapping("/{what}/{service}")
        Response get(
                URI base,
                @PathVariable("what") String what,
                @PathVariable("service") String service,
                @RequestHeader(ORDERS) String orders);
    }
}
