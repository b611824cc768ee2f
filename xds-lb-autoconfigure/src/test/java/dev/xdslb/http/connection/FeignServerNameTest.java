/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.http.connection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.xdslb.FakeEndpointSource;
import dev.xdslb.autoconfigure.TestContexts;
import dev.xdslb.http.PodTarget;
import dev.xdslb.http.ServiceConnection;
import dev.xdslb.http.feign.CountedFeignClient;
import dev.xdslb.http.feign.FeignAttempts;
import feign.Client;
import feign.Request;
import feign.Response;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import javax.net.ssl.SSLContext;
import org.apache.hc.client5.http.classic.methods.HttpGet;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClientBuilder;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.client5.http.ssl.DefaultClientTlsStrategy;
import org.apache.hc.core5.http.io.entity.EntityUtils;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.ssl.SslBundles;
import org.springframework.cloud.client.ServiceInstance;
import org.springframework.cloud.client.loadbalancer.DefaultRequest;
import org.springframework.cloud.client.loadbalancer.DefaultResponse;
import org.springframework.cloud.client.loadbalancer.LoadBalancerClient;
import org.springframework.cloud.client.loadbalancer.RequestData;
import org.springframework.cloud.client.loadbalancer.RequestDataContext;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.util.LinkedMultiValueMap;

/** Feign on Apache's client, sent as Spring Cloud's balancing client sends it, to pods that prove the name of their service. */
@Timeout(120)
class FeignServerNameTest {
    @TempDir
    private static Path folder;

    private final FakeEndpointSource source = new FakeEndpointSource();

    @Test
    void podProvesTheNameOfItsService() throws Exception {
        TestCertificates certificates = new TestCertificates(folder);
        SSLContext ofOrders = certificates.of("orders", "dns:orders.shop");
        try (EchoPod pod = new EchoPod("127.0.0.1", ofOrders)) {
            source.publish("orders.shop", pod.endpoint());
            source.publish("billing.shop", pod.endpoint());
            TestContexts.fedBy(source).withPropertyValues(certificates.bundle()).run(context -> {
                SSLContext trusting =
                        context.getBean(SslBundles.class).getBundle("pods").createSslContext();
                HttpClientBuilder builder = HttpClientBuilder.create()
                        .setConnectionManager(PoolingHttpClientConnectionManagerBuilder.create()
                                .setTlsSocketStrategy(new DefaultClientTlsStrategy(trusting))
                                .build());
                ApacheServerName.on(builder);
                try (CloseableHttpClient apache = builder.build()) {
                    Client feign = balanced(context.getBean(LoadBalancerClient.class), apache);
                    assertThat(get(feign, "https://orders.shop/")).isEqualTo(pod.address() + " for orders.shop");
                    assertThatThrownBy(() -> get(feign, "https://billing.shop/"))
                            .hasMessageContaining("the certificate of the pod is not for \"billing.shop\"");
                    assertThat(PodTarget.current()).isNull();
                }
            });
        }
    }

    private static Client balanced(LoadBalancerClient balancer, CloseableHttpClient apache) {
        FeignAttempts attempts = new FeignAttempts(id -> ServiceConnection.DEFAULT);
        Client balancing = (request, options) -> {
            URI written = URI.create(request.url());
            DefaultRequest<Object> choosing = new DefaultRequest<>(new RequestDataContext(
                    new RequestData(
                            HttpMethod.GET, written, new HttpHeaders(), new LinkedMultiValueMap<>(), new HashMap<>()),
                    "default"));
            ServiceInstance instance = balancer.choose(written.getHost(), choosing);
            attempts.onStartRequest(choosing, new DefaultResponse(instance));
            return apache.execute(
                    new HttpGet(balancer.reconstructURI(instance, written)),
                    response -> Response.builder()
                            .request(request)
                            .status(response.getCode())
                            .body(EntityUtils.toString(response.getEntity()), StandardCharsets.UTF_8)
                            .build());
        };
        return new CountedFeignClient(id -> ServiceConnection.DEFAULT).enrich(balancing);
    }

    private static String get(Client client, String url) throws IOException {
        Request request = Request.create(Request.HttpMethod.GET, url, Map.of(), Request.Body.empty(), null);
        try (Response response = client.execute(request, new Request.Options())) {
            return new String(response.body().asInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
