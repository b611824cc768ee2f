/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.springcloud;

import static org.assertj.core.api.Assertions.assertThat;

import dev.xdslb.strategy.RequestAttributes;
import dev.xdslb.strategy.RequestKey;
import java.net.URI;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.springframework.cloud.client.loadbalancer.DefaultRequest;
import org.springframework.cloud.client.loadbalancer.RequestData;
import org.springframework.cloud.client.loadbalancer.RequestDataContext;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.util.LinkedMultiValueMap;
import org.springframework.util.MultiValueMap;

/** What strategies see of an HTTP request. */
class ChooseRequestTest {
    private final HttpHeaders headers = new HttpHeaders();
    private final MultiValueMap<String, String> cookies = new LinkedMultiValueMap<>();

    @Test
    void header_isFoundWithoutRegardToCase() {
        headers.add("X-User", "ann");
        headers.add("X-User", "bob");

        assertThat(key("header:x-user")).isEqualTo("ann");
        assertThat(key("header:x-tenant")).isNull();
    }

    @Test
    void cookie_isFoundWhereverItsClientKeepsIt() {
        cookies.add("session", "1");
        headers.add(HttpHeaders.COOKIE, "other=2; session=3");

        assertThat(key("cookie:session")).isEqualTo("1");
        assertThat(key("cookie:other")).isEqualTo("2");
        assertThat(key("cookie:Session")).isNull();
    }

    @Test
    void path_isWithoutTheQuery() {
        assertThat(key("path")).isEqualTo("/orders/7");
    }

    @Test
    void whoAsksWithoutARequest_tellsNoOutcome() {
        assertThat(ChooseRequest.of("orders", new DefaultRequest<>(), true)
                        .attributes()
                        .tellsOutcome())
                .isFalse();
        assertThat(ChooseRequest.of("orders", null, true).attributes().tellsOutcome())
                .isFalse();
        RequestData data = new RequestData(HttpMethod.GET, URI.create("http://orders/x"), headers, cookies, Map.of());
        assertThat(ChooseRequest.of("orders", new DefaultRequest<>(new RequestDataContext(data)), true)
                        .attributes()
                        .tellsOutcome())
                .isTrue();
    }

    @Test
    void routeOverTls_saysSoOfItsOwnServiceAlone() {
        Map<String, Object> attributes = new HashMap<>(
                Map.of("org.springframework.web.servlet.DispatcherServlet.CONTEXT", "of a request that was received"));
        GatewayRoute.attach(attributes, URI.create("https://Orders:8443"));
        RequestData data =
                new RequestData(HttpMethod.GET, URI.create("http://gateway/x"), headers, cookies, attributes);
        DefaultRequest<?> request = new DefaultRequest<>(new RequestDataContext(data));

        assertThat(ChooseRequest.of("orders", request, true).isRouteSecure("orders"))
                .isTrue();
        assertThat(ChooseRequest.of("inventory", request, true).isRouteSecure("inventory"))
                .isFalse();
    }

    @Test
    void requestThatSaysNothing_hasNoKey() {
        RequestAttributes attributes =
                ChooseRequest.of("orders", new DefaultRequest<>(), true).attributes();

        assertThat(RequestKey.parse("cookie:session").of(attributes)).isNull();
    }

    private String key(String key) {
        RequestData data =
                new RequestData(HttpMethod.GET, URI.create("http://orders/orders/7?x=1"), headers, cookies, Map.of());
        return RequestKey.parse(key)
                .of(ChooseRequest.of("orders", new DefaultRequest<>(new RequestDataContext(data)), true)
                        .attributes());
    }
}
