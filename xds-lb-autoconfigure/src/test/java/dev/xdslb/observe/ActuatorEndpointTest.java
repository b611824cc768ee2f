/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.observe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.xdslb.FakeEndpointSource;
import dev.xdslb.cluster.Cluster;
import dev.xdslb.cluster.ClusterRegistry;
import dev.xdslb.cluster.EndpointSource;
import dev.xdslb.endpoint.Endpoint;
import dev.xdslb.endpoint.EndpointHealth;
import dev.xdslb.endpoint.Locality;
import dev.xdslb.load.Lease;
import dev.xdslb.load.Outcome;
import dev.xdslb.policy.Candidate;
import dev.xdslb.policy.Pool;
import dev.xdslb.strategy.RequestAttributes;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.test.context.runner.ReactiveWebApplicationContextRunner;
import org.springframework.boot.web.server.context.ServerPortInfoApplicationContextInitializer;
import org.springframework.boot.web.server.reactive.context.AnnotationConfigReactiveWebServerApplicationContext;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Configuration;
import org.yaml.snakeyaml.Yaml;

/** What the actuator's endpoint says over HTTP, from a WebFlux application; the sample asks it in one with WebMVC. */
class ActuatorEndpointTest {
    private static final String ORDERS = "orders.shop:8080";

    private final FakeEndpointSource source = new FakeEndpointSource();

    @Test
    void overview_listsTheClusters() {
        source.publish(ORDERS, pod(1, "a"), pod(2, "b"));
        application().run(context -> {
            cluster(context);
            Map<String, Object> overview = get(context, "", 200);
            assertThat(overview).containsEntry("known", 1).containsKeys("controlPlane", "zone", "faults");
            assertThat(list(overview, "clusters"))
                    .singleElement()
                    .satisfies(line -> assertThat(line)
                            .containsEntry("cluster", ORDERS)
                            .containsEntry("from", "LIVE")
                            .containsEntry("endpoints", 2)
                            .containsEntry("eligible", 2)
                            .containsEntry("strategy", "p2c-ewma"));
        });
    }

    @Test
    void clusterByItsName_showsEachEndpoint_andWhatItsWeightIsMadeOf() {
        source.publish(
                ORDERS,
                pod(1, "a"),
                Endpoint.builder("10.0.0.2", 8080)
                        .pod("pod-2", "uid-2")
                        .health(EndpointHealth.UNHEALTHY)
                        .build());
        application().run(context -> {
            Cluster cluster = cluster(context);
            cluster.lease(cluster.picker().pick(RequestAttributes.NONE)).end(Outcome.SUCCESS);
            cluster.lease(cluster.picker().pick(RequestAttributes.NONE)).end(Outcome.CANCELLED);
            Lease open = cluster.lease(cluster.picker().pick(RequestAttributes.NONE));

            Map<String, Object> shown = get(context, "/orders.shop:8080", 200);
            List<Map<String, Object>> endpoints = list(shown, "endpoints");
            assertThat(endpoints).hasSize(2);
            assertThat(endpoints.get(0))
                    .containsEntry("address", "10.0.0.1:8080")
                    .containsEntry("pod", "pod-1")
                    .containsEntry("zone", "a")
                    .containsEntry("state", "eligible")
                    .containsEntry("inFlight", 1)
                    .containsEntry("picks", 3)
                    .containsKeys("until", "responseTimeMillis", "successRatio", "consecutiveFailures");
            assertThat(map(endpoints.get(0), "weight"))
                    .containsEntry("given", 1)
                    .containsKeys("relative", "slowStart", "errorBias", "refusals", "total");
            assertThat(endpoints.get(1)).containsEntry("state", "not-ready").containsEntry("weight", null);
            open.end(Outcome.SUCCESS);
        });
    }

    @Test
    void endpointsThatThisClientDoesNotUse_areShownAsSuch() {
        source.publish(
                ORDERS, IntStream.range(1, 101).mapToObj(i -> pod(i, "a")).toArray(Endpoint[]::new));
        application().withPropertyValues("xds-lb.endpoints-per-client=20").run(context -> {
            cluster(context);

            Map<String, Object> shown = get(context, '/' + ORDERS, 200);
            assertThat(map(shown, "used"))
                    .containsEntry("endpointsPerClient", "20")
                    .containsEntry("endpoints", 20)
                    .containsEntry("outside", 80)
                    .containsEntry("clients", null);
            assertThat(list(map(shown, "used"), "parts"))
                    .singleElement()
                    .satisfies(part -> assertThat(part)
                            .containsEntry("endpoints", 100)
                            .containsEntry("used", 20)
                            .containsEntry("why", "that many are set"));
            assertThat(map(map(shown, "zones"), "a"))
                    .containsEntry("eligible", 20)
                    .containsEntry("outside", 80);
            List<Map<String, Object>> outside =
                    list(get(context, '/' + ORDERS + "?state=outside-client-subset", 200), "endpoints");
            assertThat(outside)
                    .hasSize(80)
                    .allSatisfy(endpoint ->
                            assertThat(endpoint).containsEntry("picks", 0).containsEntry("weight", null));
            assertThat(map(get(context, '/' + ORDERS + "/explain", 200), "excluded"))
                    .containsEntry("outside the subset of this client", 80);
            assertThat(list(get(context, "", 200), "clusters"))
                    .singleElement()
                    .satisfies(line -> assertThat(line)
                            .containsEntry("endpoints", 100)
                            .containsEntry("outside", 80)
                            .containsEntry("eligible", 20));
        });
    }

    @Test
    void ejectedEndpoint_saysUntilWhen() {
        source.publish(ORDERS, pod(1, "a"), pod(2, "a"));
        application().run(context -> {
            Cluster cluster = cluster(context);
            Pool pool = cluster.picker().plan().groups().get(0);
            Candidate first = pool.get(0);
            Candidate failing = first.endpointLoad().key().podUid().equals("uid-1") ? first : pool.get(1);
            for (int i = 0; i < 5; i++) {
                cluster.lease(failing).end(Outcome.FAILURE);
            }
            List<Map<String, Object>> ejected = list(get(context, "/" + ORDERS + "?state=ejected", 200), "endpoints");
            assertThat(ejected).singleElement().satisfies(endpoint -> {
                assertThat(endpoint).containsEntry("address", "10.0.0.1:8080");
                assertThat((String) endpoint.get("until")).isNotBlank();
            });
        });
    }

    @Test
    void clusterIsFound_byEveryNameThatIsWrittenInItsUrl() {
        source.publish(ORDERS, pod(1, "a"));
        source.publish("orders.shop?protocol=grpc", pod(1, "a"));
        source.publish("orders.shop", pod(1, "a"));
        application().run(context -> {
            ClusterRegistry clusters = cluster(context) == null ? null : context.getBean(ClusterRegistry.class);
            clusters.cluster("orders.shop?protocol=grpc");
            clusters.cluster("orders.shop");
            for (String name : List.of(ORDERS, "orders.shop?protocol=grpc", "orders.shop")) {
                assertThat(get(context, '/' + encoded(name), 200)).as(name).containsEntry("cluster", name);
                assertThat(get(context, '/' + encoded(name) + "/explain", 200))
                        .as(name)
                        .containsEntry("cluster", name);
            }
            assertThat(get(context, "/orders", 200)).as("a service id").containsEntry("cluster", "orders.shop");
            assertThat(get(context, "/ORDERS", 200)).as("hosts have no case").containsEntry("cluster", "orders.shop");
        });
    }

    @Test
    void unknownName_is404_withTheKnownOnes_andIsNotAskedFor() {
        source.publish(ORDERS, pod(1, "a"));
        application().run(context -> {
            cluster(context);
            for (String name :
                    List.of("oders.shop:8080", "..%2F..", "a%20b", "%00", "x".repeat(3000), "%3Cscript%3E")) {
                HttpResponse<String> response = send(context, '/' + name);
                assertThat(response.statusCode()).as(name).isIn(404, 400);
                assertThat(response.headers().firstValue("content-type").orElse(""))
                        .as("no page that a browser would run")
                        .doesNotContain("html");
            }
            assertThat(get(context, "/oders.shop:8080", 404).get("known")).isEqualTo(List.of(ORDERS));
            assertThat(get(context, "/oders.shop:8080/explain", 404).get("known"))
                    .isEqualTo(List.of(ORDERS));
            assertThat(get(context, "/" + ORDERS + "/explian", 404)
                            .get("problem")
                            .toString())
                    .contains("explian", "explain, samples");
            assertThat(source.subscribed()).containsExactly(ORDERS);
        });
    }

    @Test
    void explain_takesHeadersCookiesAndPath() {
        source.publish(ORDERS, pod(1, "a"), shard(2, "7"), shard(3, "8"));
        application()
                .withPropertyValues(
                        "xds-lb.clients.orders.resource=orders.shop:8080",
                        "xds-lb.clients.orders.subset.label=shard",
                        "xds-lb.clients.orders.subset.from=header:X-Shard")
                .run(context -> {
                    cluster(context);
                    assertThat(get(
                                    context,
                                    "/" + ORDERS + "/explain?header=X-Other:a,b&header=x-shard:%208&path=/a",
                                    200))
                            .containsEntry("picked", "10.0.0.3:8080")
                            .containsEntry("pod", "pod-3");
                    assertThat(get(context, "/" + ORDERS + "/explain?header=X-Shard:7", 200))
                            .containsEntry("picked", "10.0.0.2:8080");
                    assertThat(get(context, "/" + ORDERS + "/explain?header=nonsense", 400)
                                    .get("problem")
                                    .toString())
                            .contains("nonsense", "name:value");
                    assertThat(get(context, "/" + ORDERS + "/explain?cookie=nonsense", 400)
                                    .get("problem")
                                    .toString())
                            .contains("nonsense", "name=value");
                });
    }

    @Test
    void samples_areShown() {
        source.publish(ORDERS, pod(1, "a"));
        application().run(context -> {
            Cluster cluster = cluster(context);
            assertThat(send(context, "/" + ORDERS + "/samples").body()).isEqualTo("[]");
            cluster.startSampling(1, 10);
            cluster.picker().pick(RequestAttributes.NONE);
            assertThat(send(context, "/" + ORDERS + "/samples").body()).contains("10.0.0.1:8080");
        });
    }

    @Test
    void tenThousandEndpoints_areShownInPages() {
        source.publish(
                ORDERS,
                IntStream.range(0, 10_000)
                        .mapToObj(i -> pod(i, "zone-" + i % 3))
                        .toArray(Endpoint[]::new));
        application().run(context -> {
            cluster(context);
            HttpResponse<String> first = send(context, "/" + ORDERS);
            assertThat(first.body().length()).isLessThan(100_000);
            Map<String, Object> shown = get(context, "/" + ORDERS, 200);
            assertThat(shown).containsEntry("matching", 10_000);
            assertThat(list(shown, "endpoints")).hasSize(XdsLbEndpoint.DEFAULT_LIMIT);
            assertThat(map(shown, "zones")).containsOnlyKeys("zone-0", "zone-1", "zone-2");
            assertThat(list(get(context, "/" + ORDERS + "?limit=5&offset=9998", 200), "endpoints"))
                    .hasSize(2);
            assertThat(list(get(context, "/" + ORDERS + "?limit=0", 200), "endpoints"))
                    .isEmpty();
            assertThat(get(context, "/" + ORDERS + "?zone=zone-2&limit=1", 200)).containsEntry("matching", 3333);
            assertThat(get(context, "/" + ORDERS + "?limit=1001", 400)
                            .get("problem")
                            .toString())
                    .contains("1001", "0 to 1000");
            assertThat(get(context, "/" + ORDERS + "?offset=-1", 400)
                            .get("problem")
                            .toString())
                    .contains("-1");
            assertThat(send(context, "/" + ORDERS + "?limit=many").statusCode()).isEqualTo(400);
        });
    }

    @Test
    void notExposed_isNotMade() {
        application()
                .withPropertyValues("management.endpoints.web.exposure.include=health")
                .run(context -> assertThat(context).doesNotHaveBean(XdsLbEndpoint.class));
    }

    private ReactiveWebApplicationContextRunner application() {
        return new ReactiveWebApplicationContextRunner(AnnotationConfigReactiveWebServerApplicationContext::new)
                .withInitializer(new ServerPortInfoApplicationContextInitializer())
                .withUserConfiguration(Application.class)
                .withBean(EndpointSource.class, () -> source)
                .withPropertyValues(
                        "server.port=0",
                        "xds-lb.namespace=shop",
                        "spring.cloud.discovery.enabled=false",
                        "management.endpoints.web.exposure.include=*");
    }

    private static Cluster cluster(ApplicationContext context) {
        Cluster cluster = context.getBean(ClusterRegistry.class).cluster(ORDERS);
        await().until(() -> !cluster.endpoints().isEmpty());
        return cluster;
    }

    private static Map<String, Object> get(ApplicationContext context, String path, int status) throws Exception {
        HttpResponse<String> response = send(context, path);
        assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
        return new Yaml().load(response.body()); // YAML includes JSON
    }

    private static HttpResponse<String> send(ApplicationContext context, String path) throws Exception {
        String port = context.getEnvironment().getRequiredProperty("local.server.port");
        return HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/actuator/xdslb" + path))
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
    }

    private static String encoded(String name) {
        return URLEncoder.encode(name, StandardCharsets.UTF_8);
    }

    @SuppressWarnings("unchecked") // as JSON has it
    private static List<Map<String, Object>> list(Map<String, Object> json, String key) {
        return (List<Map<String, Object>>) json.get(key);
    }

    @SuppressWarnings("unchecked") // as JSON has it
    private static Map<String, Object> map(Map<String, Object> json, String key) {
        return (Map<String, Object>) json.get(key);
    }

    private static Endpoint pod(int i, String zone) {
        return Endpoint.builder("10.0." + i / 250 + '.' + i % 250, 8080)
                .pod("pod-" + i, "uid-" + i)
                .locality(Locality.ofZone(zone))
                .build();
    }

    private static Endpoint shard(int i, String shard) {
        return Endpoint.builder("10.0.0." + i, 8080)
                .pod("pod-" + i, "uid-" + i)
                .shard(shard)
                .build();
    }

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class Application {}
}
