/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.observe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.xdslb.FakeEndpointSource;
import dev.xdslb.cluster.Cluster;
import dev.xdslb.cluster.ClusterRegistry;
import dev.xdslb.cluster.EndpointSource;
import dev.xdslb.endpoint.Endpoint;
import dev.xdslb.endpoint.EndpointHealth;
import dev.xdslb.policy.Pool;
import dev.xdslb.strategy.LoadBalancingStrategy;
import dev.xdslb.strategy.Picker;
import dev.xdslb.strategy.RequestAttributes;
import java.lang.management.ManagementFactory;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.management.MBeanOperationInfo;
import javax.management.MBeanParameterInfo;
import javax.management.MBeanServer;
import javax.management.ObjectName;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.slf4j.LoggerFactory;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.test.context.runner.ReactiveWebApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.boot.web.server.context.ServerPortInfoApplicationContextInitializer;
import org.springframework.boot.web.server.reactive.context.AnnotationConfigReactiveWebServerApplicationContext;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Configuration;
import org.yaml.snakeyaml.Yaml;

/** What the actuator's endpoint changes where it may, over real HTTP and over JMX. */
@ExtendWith(OutputCaptureExtension.class)
class ActuatorChangesTest {
    private static final String ORDERS = "orders.shop:8080";

    private final FakeEndpointSource source = new FakeEndpointSource();
    private final ListAppender<ILoggingEvent> log = new ListAppender<>();
    private final Logger changes = (Logger) LoggerFactory.getLogger(OperatorChanges.class);

    @BeforeEach
    void readTheLog() {
        changes.setLevel(Level.INFO);
        changes.addAppender(log);
        log.start();
    }

    @AfterEach
    void leaveTheLog() {
        changes.detachAppender(log);
        changes.setLevel(null);
    }

    private List<String> lines() {
        return log.list.stream().map(ILoggingEvent::getFormattedMessage).toList();
    }

    @ParameterizedTest
    @CsvSource({"POST,drain", "POST,strategy", "POST,samples", "DELETE,drain", "DELETE,strategy", "DELETE,samples"})
    void exposedEndpoint_changesNothing_unlessItsAccessIsUnrestricted(String method, String what) {
        source.publish(ORDERS, pod(1), pod(2));
        application().run(context -> {
            Cluster cluster = cluster(context);
            HttpResponse<String> response = send(
                    context,
                    method,
                    '/' + ORDERS + '/' + what + "?endpoint=pod-1",
                    "{\"endpoint\": \"pod-1\", \"strategy\": \"round-robin\"}");
            assertThat(response.statusCode()).isEqualTo(405);
            assertThat(cluster.overrides().drained()).isEmpty();
            assertThat(cluster.settings().strategyName()).isEqualTo("p2c-ewma");
            assertThat(send(context, "GET", '/' + ORDERS, "").statusCode()).isEqualTo(200);
        });
    }

    @Test
    void drain_byPodOrAddress_isShown_logged_andTakenBack() {
        source.publish(ORDERS, pod(1), pod(2), pod(3));
        changeable().run(context -> {
            Cluster cluster = cluster(context);
            Map<String, Object> changed =
                    json(send(context, "POST", "/orders/drain", "{\"endpoint\": \"pod-1\", \"minutes\": 5}"), 200);
            assertThat(changed)
                    .containsEntry("cluster", ORDERS)
                    .containsEntry("changed", true)
                    .containsEntry("now", "10.0.0.1:8080 (pod-1) gets no new request");
            assertThat(Instant.parse(changed.get("until").toString()))
                    .isBetween(Instant.now().plusSeconds(240), Instant.now().plusSeconds(300));
            json(send(context, "POST", "/orders/drain", "{\"endpoint\": \"10.0.0.2:8080\"}"), 200);
            assertThat(picked(cluster, 100)).containsExactly("10.0.0.3:8080");

            Map<String, Object> shown = json(send(context, "GET", '/' + ORDERS, ""), 200);
            assertThat(list(shown, "endpoints").get(0))
                    .containsEntry("state", "drained-here")
                    .hasEntrySatisfying("until", until -> assertThat(until).isNotNull());
            assertThat(list(json(send(context, "GET", "", ""), 200), "clusters").get(0))
                    .containsEntry("drained", 2);
            assertThat(send(context, "GET", "/orders/explain", "").body()).contains("drained in this process until");

            Map<String, Object> last = json(send(context, "POST", "/orders/drain", "{\"endpoint\": \"pod-3\"}"), 409);
            assertThat(last.get("problem").toString()).contains("is the last ready endpoint");

            assertThat(json(send(context, "DELETE", "/orders/drain?endpoint=pod-1", ""), 200))
                    .containsEntry("changed", true);
            assertThat(json(send(context, "DELETE", "/orders/drain?endpoint=pod-1", ""), 200))
                    .containsEntry("changed", false);
            assertThat(picked(cluster, 1000)).containsExactlyInAnyOrder("10.0.0.1:8080", "10.0.0.3:8080");
        });
        assertThat(lines())
                .containsExactly(
                        "orders.shop:8080: 10.0.0.1:8080 (pod-1) is drained for 5 min by an unnamed user of the actuator",
                        "orders.shop:8080: 10.0.0.2:8080 (pod-2) is drained for 10 min by an unnamed user of the actuator",
                        "orders.shop:8080: 10.0.0.1:8080 (pod-1) is not drained any more, by an unnamed user of the actuator");
    }

    @Test
    void strategy_isShownWithItsEnd_logged_andTakenBack() {
        source.publish(ORDERS, pod(1), pod(2));
        changeable().withPropertyValues("xds-lb.strategy=p2c-least-request").run(context -> {
            Cluster cluster = cluster(context);
            assertThat(json(
                            send(
                                    context,
                                    "POST",
                                    "/orders/strategy",
                                    "{\"strategy\": \"round-robin\", \"minutes\": 30}"),
                            200))
                    .containsEntry("now", "the strategy is round-robin");
            assertThat(cluster.settings().strategyName()).isEqualTo("round-robin");
            for (String path : List.of('/' + ORDERS, '/' + ORDERS + "/explain")) {
                assertThat(json(send(context, "GET", path, ""), 200))
                        .containsEntry("strategy", "round-robin")
                        .hasEntrySatisfying(
                                "strategyUntil", until -> assertThat(until).isNotNull());
            }

            json(send(context, "DELETE", "/orders/strategy", ""), 200);
            assertThat(cluster.settings().strategyName()).isEqualTo("p2c-least-request");
            assertThat(json(send(context, "GET", '/' + ORDERS, ""), 200)).containsEntry("strategyUntil", null);
        });
        assertThat(lines())
                .containsExactly(
                        "orders.shop:8080: the strategy is round-robin instead of p2c-least-request for 30 min, by an unnamed user of the actuator",
                        "orders.shop:8080: the strategy is p2c-least-request again, by an unnamed user of the actuator");
    }

    @Test
    void samples_areTakenForAWhile() {
        source.publish(ORDERS, pod(1));
        changeable().run(context -> {
            Cluster cluster = cluster(context);
            json(send(context, "POST", "/orders/samples", "{\"oneIn\": 1, \"keep\": 5, \"minutes\": 1}"), 200);
            picked(cluster, 100);
            assertThat(cluster.samples()).hasSize(5);
            assertThat(json(send(context, "GET", '/' + ORDERS, ""), 200))
                    .hasEntrySatisfying(
                            "samplingUntil", until -> assertThat(until).isNotNull());
            assertThat(json(send(context, "DELETE", "/orders/samples", ""), 200))
                    .containsEntry("changed", true);
            assertThat(cluster.samples()).isEmpty();
            assertThat(json(send(context, "DELETE", "/orders/samples", ""), 200))
                    .containsEntry("changed", false);
        });
    }

    @Test
    void samplingOfTheApplication_isNotEnded() {
        source.publish(ORDERS, pod(1));
        changeable().run(context -> {
            Cluster cluster = cluster(context);
            cluster.startSampling(1, 5);
            picked(cluster, 100);
            assertThat(json(send(context, "DELETE", "/orders/samples", ""), 200))
                    .containsEntry("changed", false);
            assertThat(cluster.samples()).hasSize(5);
        });
    }

    @Test
    void drain_ofAnEndpointThatIsNotReady_saysUntilWhen() {
        source.publish(ORDERS, pod(1), pod(2), unready(3));
        changeable().run(context -> {
            cluster(context);
            assertThat(json(send(context, "POST", "/orders/drain", "{\"endpoint\": \"pod-3\"}"), 200))
                    .containsEntry("now", "10.0.0.3:8080 (pod-3) gets no new request")
                    .hasEntrySatisfying("until", until -> assertThat(until).isNotNull());
        });
    }

    @Test
    void drain_thatIsNotObeyed_canBeRenewed_andIsShown() {
        source.publish(ORDERS, pod(1), pod(2));
        changeable().run(context -> {
            Cluster cluster = cluster(context);
            json(send(context, "POST", "/orders/drain", "{\"endpoint\": \"pod-1\"}"), 200);
            assertThat(list(json(send(context, "GET", '/' + ORDERS, ""), 200), "drained"))
                    .singleElement()
                    .satisfies(drained -> assertThat(drained)
                            .containsEntry("endpoint", "10.0.0.1:8080")
                            .containsEntry("obeyed", true));

            source.publish(ORDERS, pod(1), unready(2));
            await().until(() -> cluster.overrides().drained().isEmpty());

            assertThat(json(send(context, "POST", "/orders/drain", "{\"endpoint\": \"pod-1\"}"), 200))
                    .containsEntry(
                            "now",
                            "10.0.0.1:8080 (pod-1) is drained, and gets requests until another endpoint is ready: it is better"
                                    + " than none")
                    .hasEntrySatisfying("until", until -> assertThat(until).isNotNull());
            assertThat(list(json(send(context, "GET", '/' + ORDERS, ""), 200), "drained"))
                    .singleElement()
                    .satisfies(drained -> assertThat(drained)
                            .containsEntry("endpoint", "10.0.0.1:8080")
                            .containsEntry("obeyed", false)
                            .hasEntrySatisfying(
                                    "until", until -> assertThat(until).isNotNull()));
            assertThat(list(json(send(context, "GET", "", ""), 200), "clusters").get(0))
                    .containsEntry("drained", 1);
        });
    }

    @Test
    void strategyThatFails_isNoBadRequest() {
        source.publish(ORDERS, pod(1), pod(2));
        changeable().withBean(Failing.class).run(context -> {
            cluster(context);
            assertThat(send(context, "POST", "/orders/strategy", "{\"strategy\": \"failing\"}")
                            .statusCode())
                    .isEqualTo(500);
        });
    }

    @ParameterizedTest
    @CsvSource({
        "management.endpoint.xdslb.enabled=true, true",
        "management.endpoints.enabled-by-default=true, true",
        "management.endpoints.access.default=UNRESTRICTED, true",
        "management.endpoint.xdslb.access=UNRESTRICTED, false",
        "management.endpoint.xdslb.access=READ_ONLY, false",
        "spring.application.name=shop, false"
    })
    void accessThatNobodyMeant_isWarnedOf(String property, boolean warned, CapturedOutput output) {
        application().withPropertyValues(property).run(context -> {
            assertThat(context).hasNotFailed();
            assertThat(output.getOut().contains("can change where this application sends its requests"))
                    .isEqualTo(warned);
        });
    }

    @Test
    void nameOfManyEndpoints_isAnsweredShortly() {
        source.publish(
                ORDERS,
                IntStream.range(0, 200)
                        .mapToObj(i -> Endpoint.builder("10.0.0." + i, 8080)
                                .pod("same", "uid-" + i)
                                .build())
                        .toArray(Endpoint[]::new));
        changeable().run(context -> {
            cluster(context);
            assertThat(problem(send(context, "POST", "/orders/drain", "{\"endpoint\": \"same\"}"), 400))
                    .startsWith("endpoint: \"same\" is 200 endpoints (expected: one of the addresses 10.0.0.0:8080, ")
                    .endsWith("10.0.0.9:8080 and 190 more)");
        });
    }

    @Test
    void misspelt_isRefused_withWhatThereIs() {
        source.publish(ORDERS, pod(1), pod(2));
        changeable().run(context -> {
            cluster(context);
            assertThat(send(context, "POST", "/order/drain", "{\"endpoint\": \"pod-1\"}"))
                    .satisfies(answer -> assertThat(answer.statusCode()).isEqualTo(404))
                    .satisfies(answer -> assertThat(answer.body()).contains(ORDERS));
            assertThat(problem(send(context, "POST", "/orders/dran", "{}"), 404))
                    .isEqualTo("\"dran\" (expected: drain, strategy, samples)");
            HttpResponse<String> noPod = send(context, "POST", "/orders/drain", "{\"endpoint\": \"pod-9\"}");
            assertThat(problem(noPod, 404)).isEqualTo("orders.shop:8080 has no endpoint \"pod-9\"");
            assertThat(noPod.body()).contains("10.0.0.1:8080 (pod-1)", "10.0.0.2:8080 (pod-2)");
            assertThat(problem(send(context, "POST", "/orders/drain", "{\"endpoint\": \" \"}"), 400))
                    .startsWith("endpoint: missing");
            assertThat(problem(send(context, "POST", "/orders/drain", "{}"), 400))
                    .isEqualTo("endpoint: missing (expected: an address such as 10.0.0.1:8080, or the name of a pod)");
            assertThat(problem(
                            send(context, "POST", "/orders/drain", "{\"endpoint\": \"pod-1\", \"minutes\": 0}"), 400))
                    .isEqualTo("minutes: 0 (expected: 1 to 1440)");
            assertThat(problem(send(context, "POST", "/orders/strategy", "{\"strategy\": \"round-robbin\"}"), 400))
                    .contains("round-robbin", "p2c-ewma", "round-robin", "ring-hash");
            assertThat(problem(send(context, "POST", "/orders/strategy", "{\"strategy\": \"ring-hash\"}"), 400))
                    .contains("it needs a key", "xds-lb.clients.orders.hash.key");
            assertThat(problem(send(context, "POST", "/orders/strategy", "{}"), 400))
                    .isEqualTo("strategy: missing (expected: the name of one)");
            assertThat(problem(send(context, "POST", "/orders/samples", "{\"keep\": 5000}"), 400))
                    .isEqualTo("keep: 5000 (expected: 1 to 1000)");
        });
    }

    @Test
    void jmx_carriesAllOperations_inTypesOfItsOwn() {
        source.publish(ORDERS, pod(1), pod(2));
        changeable()
                .withPropertyValues(
                        "spring.jmx.enabled=true",
                        "management.endpoints.jmx.domain=xdslb.test",
                        "management.endpoints.jmx.exposure.include=xdslb")
                .run(context -> {
                    Cluster cluster = cluster(context);
                    MBeanServer server = ManagementFactory.getPlatformMBeanServer();
                    ObjectName name = new ObjectName("xdslb.test:type=Endpoint,name=Xdslb");
                    assertThat(Stream.of(server.getMBeanInfo(name).getOperations())
                                    .map(MBeanOperationInfo::getName))
                            .containsExactlyInAnyOrder("overview", "cluster", "about", "change", "end");
                    assertThat(Stream.of(server.getMBeanInfo(name).getOperations())
                                    .flatMap(operation -> Stream.of(operation.getSignature()))
                                    .map(MBeanParameterInfo::getType))
                            .containsOnly("java.lang.String", "java.lang.Integer");

                    Object changed = invoke(server, name, "change", ORDERS, "drain", "pod-1", null, null, null, 5);
                    assertThat(map(changed)).containsEntry("now", "10.0.0.1:8080 (pod-1) gets no new request");
                    assertThat(picked(cluster, 100)).containsExactly("10.0.0.2:8080");
                    assertThat(map(invoke(server, name, "cluster", ORDERS, null, null, null, null)))
                            .containsEntry("cluster", ORDERS);
                    assertThat(map(invoke(server, name, "end", ORDERS, "drain", "pod-1")))
                            .containsEntry("changed", true);
                    assertThatThrownBy(() ->
                                    invoke(server, name, "change", ORDERS, "drain", "pod-9", null, null, null, null))
                            .rootCause()
                            .hasMessageContaining("pod-9")
                            .hasMessageContaining("pod-1");
                });
    }

    @Test
    void jmx_canOnlyLook_byDefault() {
        source.publish(ORDERS, pod(1), pod(2));
        application()
                .withPropertyValues(
                        "spring.jmx.enabled=true",
                        "management.endpoints.jmx.domain=xdslb.test",
                        "management.endpoints.jmx.exposure.include=xdslb")
                .run(context -> assertThat(Stream.of(ManagementFactory.getPlatformMBeanServer()
                                        .getMBeanInfo(new ObjectName("xdslb.test:type=Endpoint,name=Xdslb"))
                                        .getOperations())
                                .map(MBeanOperationInfo::getName))
                        .containsExactlyInAnyOrder("overview", "cluster", "about"));
    }

    private static Object invoke(MBeanServer server, ObjectName name, String operation, Object... arguments)
            throws Exception {
        String[] signature = Stream.of(server.getMBeanInfo(name).getOperations())
                .filter(info -> info.getName().equals(operation))
                .flatMap(info -> Stream.of(info.getSignature()))
                .map(MBeanParameterInfo::getType)
                .toArray(String[]::new);
        return server.invoke(name, operation, arguments, signature);
    }

    private ReactiveWebApplicationContextRunner changeable() {
        return application().withPropertyValues("management.endpoint.xdslb.access=UNRESTRICTED");
    }

    private ReactiveWebApplicationContextRunner application() {
        return new ReactiveWebApplicationContextRunner(AnnotationConfigReactiveWebServerApplicationContext::new)
                .withInitializer(new ServerPortInfoApplicationContextInitializer())
                .withUserConfiguration(Application.class)
                .withBean(EndpointSource.class, () -> source)
                .withPropertyValues(
                        "server.port=0",
                        "xds-lb.namespace=shop",
                        "xds-lb.clients.orders.resource=" + ORDERS,
                        "spring.cloud.discovery.enabled=false",
                        "management.endpoints.web.exposure.include=*");
    }

    private static Cluster cluster(ApplicationContext context) {
        Cluster cluster = context.getBean(ClusterRegistry.class).cluster(ORDERS);
        await().until(() -> !cluster.endpoints().isEmpty());
        return cluster;
    }

    /** Returns who is picked by more requests than one that was drained is behind the others. */
    private static Set<String> picked(Cluster cluster, int picks) {
        return IntStream.range(0, picks)
                .mapToObj(i ->
                        cluster.picker().pick(RequestAttributes.NONE).endpoint().address())
                .collect(Collectors.toSet());
    }

    private static HttpResponse<String> send(ApplicationContext context, String method, String path, String body)
            throws Exception {
        String port = context.getEnvironment().getRequiredProperty("local.server.port");
        return HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/actuator/xdslb" + path))
                                .method(
                                        method,
                                        body.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(body))
                                .header("Content-Type", "application/json")
                                .timeout(Duration.ofSeconds(30))
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
    }

    private static String problem(HttpResponse<String> response, int status) {
        return String.valueOf(json(response, status).get("problem"));
    }

    private static Map<String, Object> json(HttpResponse<String> response, int status) {
        assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
        return new Yaml().load(response.body().replace("\\/", "/")); // YAML includes JSON
    }

    @SuppressWarnings("unchecked") // as JSON has it
    private static List<Map<String, Object>> list(Map<String, Object> json, String key) {
        return (List<Map<String, Object>>) json.get(key);
    }

    @SuppressWarnings("unchecked") // as JSON has it
    private static Map<String, Object> map(Object json) {
        return (Map<String, Object>) json;
    }

    private static Endpoint pod(int i) {
        return Endpoint.builder("10.0.0." + i, 8080).pod("pod-" + i, "uid-" + i).build();
    }

    private static Endpoint unready(int i) {
        return Endpoint.builder("10.0.0." + i, 8080)
                .pod("pod-" + i, "uid-" + i)
                .health(EndpointHealth.UNHEALTHY)
                .build();
    }

    static final class Failing implements LoadBalancingStrategy {
        @Override
        public String name() {
            return "failing";
        }

        @Override
        public boolean usesResponseTimes() {
            throw new UnsupportedOperationException();
        }

        @Override
        public Picker picker(Pool pool) {
            return request -> pool.get(0);
        }
    }

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class Application {}
}
