/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.springcloud;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.xdslb.FakeEndpointSource;
import dev.xdslb.autoconfigure.TestContexts;
import dev.xdslb.cluster.Cluster;
import dev.xdslb.cluster.ClusterRegistry;
import dev.xdslb.cluster.NoEndpointException;
import dev.xdslb.cluster.RetryBudgetExceededException;
import dev.xdslb.endpoint.Endpoint;
import dev.xdslb.endpoint.EndpointHealth;
import dev.xdslb.endpoint.Locality;
import dev.xdslb.load.Outcome;
import dev.xdslb.policy.Candidate;
import dev.xdslb.policy.Pool;
import dev.xdslb.strategy.LoadBalancingStrategy;
import dev.xdslb.strategy.Picker;
import dev.xdslb.strategy.RequestAttributes;
import java.net.URI;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.springframework.cloud.client.ServiceInstance;
import org.springframework.cloud.client.loadbalancer.DefaultRequest;
import org.springframework.cloud.client.loadbalancer.LoadBalancerClient;
import org.springframework.cloud.client.loadbalancer.LoadBalancerUriTools;
import org.springframework.cloud.client.loadbalancer.Request;
import org.springframework.cloud.client.loadbalancer.RequestData;
import org.springframework.cloud.client.loadbalancer.RequestDataContext;
import org.springframework.cloud.client.loadbalancer.Response;
import org.springframework.cloud.client.loadbalancer.RetryableRequestContext;
import org.springframework.cloud.client.loadbalancer.reactive.ReactiveLoadBalancer;
import org.springframework.cloud.loadbalancer.annotation.LoadBalancerClients;
import org.springframework.cloud.loadbalancer.core.DelegatingServiceInstanceListSupplier;
import org.springframework.cloud.loadbalancer.core.RandomLoadBalancer;
import org.springframework.cloud.loadbalancer.core.ReactorLoadBalancer;
import org.springframework.cloud.loadbalancer.core.ServiceInstanceListSupplier;
import org.springframework.cloud.loadbalancer.support.LoadBalancerClientFactory;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.util.LinkedMultiValueMap;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** What Spring Cloud gets when it asks for an instance. */
class ChooseTest {
    @SuppressWarnings("NullAway") // what a strategy compiled without the check may do
    private static final Picker NOBODY = request -> null;

    private final FakeEndpointSource source = new FakeEndpointSource();

    @Test
    void describesTheEndpoint() {
        source.publish(
                "orders.shop",
                Endpoint.builder("10.0.0.1", 8080)
                        .pod("orders-1", "uid")
                        .locality(Locality.ofZone("a"))
                        .weight(3)
                        .shard("s1")
                        .build());
        TestContexts.fedBy(source).run(context -> {
            ServiceInstance instance = context.getBean(LoadBalancerClient.class).choose("orders");
            assertThat(instance.getServiceId()).isEqualTo("orders");
            assertThat(instance.getInstanceId()).isEqualTo("orders-1");
            assertThat(instance.getUri()).isEqualTo(URI.create("http://10.0.0.1:8080"));
            assertThat(instance.getMetadata())
                    .containsEntry("zone", "a")
                    .containsEntry("weight", "3")
                    .containsEntry("shard", "s1");
        });
    }

    @Test
    void staysInItsOwnZone_asFarAsThatCanTakeTheRequests() {
        source.publish(
                "orders.shop",
                Endpoint.builder("10.0.0.1", 8080)
                        .locality(Locality.ofZone("a"))
                        .build(),
                Endpoint.builder("10.0.0.2", 8080)
                        .locality(Locality.ofZone("b"))
                        .build());
        TestContexts.fedBy(source)
                .withPropertyValues("xds-lb.zone=a", "xds-lb.strategy=round-robin")
                .run(context -> {
                    LoadBalancerClient client = context.getBean(LoadBalancerClient.class);
                    int local = 0;
                    for (int i = 0; i < 20_000; i++) {
                        local += client.choose("orders").getHost().equals("10.0.0.1") ? 1 : 0;
                    }
                    // 5% go elsewhere on purpose while no zone is measured; 6% would be 6 standard deviations off
                    assertThat(local).isGreaterThan(18_800);
                });
    }

    @Test
    void instanceThatIsAskedForByHand_isNeverAProbe() {
        Endpoint failing = Endpoint.builder("10.0.0.1", 8080).build();
        source.publish(
                "orders.shop",
                failing,
                Endpoint.builder("10.0.0.2", 8080).build(),
                Endpoint.builder("10.0.0.3", 8080).build());
        TestContexts.fedBy(source).run(context -> {
            LoadBalancerClient client = context.getBean(LoadBalancerClient.class);
            client.choose("orders");
            Cluster cluster = context.getBean(ClusterRegistry.class).cluster("orders.shop");
            Candidate candidate = cluster.picker().restrictedTo(failing::equals).pick(RequestAttributes.NONE);
            for (int i = 0; i < 5; i++) {
                cluster.lease(candidate).end(Outcome.FAILURE);
            }
            await().until(() -> cluster.picker().plan().isProbing());

            for (int i = 0; i < 1_000; i++) {
                assertThat(client.choose("orders").getHost()).isNotEqualTo("10.0.0.1");
            }
        });
    }

    @Test
    void bracketsIpv6() {
        source.publish("orders.shop", Endpoint.builder("fd00::1", 8080).build());
        TestContexts.fedBy(source).run(context -> {
            LoadBalancerClient client = context.getBean(LoadBalancerClient.class);
            assertThat(client.reconstructURI(client.choose("orders"), URI.create("http://orders/x")))
                    .isEqualTo(URI.create("http://[fd00::1]:8080/x"));
        });
    }

    @Test
    void keepsHttps() {
        source.publish("orders.shop", Endpoint.builder("10.0.0.1", 8443).build());
        TestContexts.fedBy(source).run(context -> {
            LoadBalancerClient client = context.getBean(LoadBalancerClient.class);
            assertThat(client.reconstructURI(client.choose("orders"), URI.create("https://orders/x")))
                    .isEqualTo(URI.create("https://10.0.0.1:8443/x"));
        });
    }

    @Test
    void answersAtOnceWhenSettled() {
        source.publish("orders.shop", Endpoint.builder("10.0.0.1", 8080).build());
        TestContexts.fedBy(source).run(context -> {
            choose(context, "orders").block();
            assertThat(choose(context, "orders")).isInstanceOf(java.util.concurrent.Callable.class); // Mono.just
        });
    }

    @Test
    void waitsForTheFirstEndpointsWithoutAThread() {
        TestContexts.fedBy(source).run(context -> {
            AtomicReference<Response<ServiceInstance>> answer = new AtomicReference<>();
            AtomicReference<String> thread = new AtomicReference<>();
            choose(context, "orders").subscribe(response -> {
                thread.set(Thread.currentThread().getName());
                answer.set(response);
            });
            assertThat(answer).hasValue(null);
            source.publish("orders.shop", Endpoint.builder("10.0.0.1", 8080).build());
            org.awaitility.Awaitility.await().until(() -> answer.get() != null);
            assertThat(thread.get())
                    .as("not the thread that delivers endpoints")
                    .isNotEqualTo(Thread.currentThread().getName());
        });
    }

    @Test
    void noAnswerWithinTheTimeout_saysSo() {
        TestContexts.fedBy(source)
                .withPropertyValues("xds-lb.initial-fetch-timeout=300ms")
                .run(context -> assertThat(refusal(choose(context, "orders")))
                        .isInstanceOf(NoEndpointException.class)
                        .hasMessage("no endpoint for service \"orders\" (resource orders.shop, state UNAVAILABLE,"
                                + " control plane fake:18000): control plane fake:18000 has not answered within"
                                + " 300ms"));
    }

    @Test
    void usesConfiguredResource_andThePortOfTheUriBeforeItsOwn() {
        source.publish("orders-v2.other:8080", Endpoint.builder("10.0.0.1", 1).build());
        source.publish("orders-v2.other:9090", Endpoint.builder("10.0.0.2", 2).build());
        TestContexts.fedBy(source)
                .withPropertyValues("xds-lb.clients.orders.resource=orders-v2.other:8080")
                .run(context -> {
                    assertThat(source.subscribed()).containsExactly("orders-v2.other:8080");
                    assertThat(host(choose(context, "orders", request("http://orders/x"))))
                            .isEqualTo("10.0.0.1");
                    assertThat(host(choose(context, "orders", request("http://orders:9090/x"))))
                            .isEqualTo("10.0.0.2");
                    assertThat(host(choose(context, "orders", request("http://gateway:4711/x"))))
                            .as("the port of another host says nothing")
                            .isEqualTo("10.0.0.1");
                });
    }

    @Test
    void hostThatIsNoService_saysWhatToDo() {
        TestContexts.fedBy(source)
                .run(context -> assertThat(refusal(choose(context, "api.example.com")))
                        .hasMessageContaining("api.example.com")
                        .hasMessageContaining("xds-lb.clients.[api.example.com].resource"));
    }

    @Test
    void retry_avoidsThePreviousInstance() {
        source.publish(
                "orders.shop",
                Endpoint.builder("10.0.0.1", 8080).build(),
                Endpoint.builder("10.0.0.2", 8080).build());
        TestContexts.fedBy(source).run(context -> {
            for (int i = 0; i < 20; i++) {
                ServiceInstance first = choose(context, "orders").block().getServer();
                RequestData data = data("http://orders/x");
                ServiceInstance second = choose(
                                context, "orders", new DefaultRequest<>(new RetryableRequestContext(first, data)))
                        .block()
                        .getServer();
                assertThat(second).isNotEqualTo(first);
            }
        });
    }

    @Test
    void retries_goToAllEndpointsBeforeAnyOfThemAgain() {
        source.publish(
                "orders.shop",
                Endpoint.builder("10.0.0.1", 8080).build(),
                Endpoint.builder("10.0.0.2", 8080).build(),
                Endpoint.builder("10.0.0.3", 8080).build(),
                Endpoint.builder("10.0.0.4", 8080).build());
        TestContexts.fedBy(source)
                .withPropertyValues("xds-lb.retry-budget.enabled=false")
                .run(context -> {
                    for (int i = 0; i < 50; i++) {
                        Set<String> hosts = new HashSet<>();
                        ServiceInstance last = null;
                        for (int attempt = 0; attempt < 4; attempt++) {
                            last = choose(
                                            context,
                                            "orders",
                                            new DefaultRequest<>(
                                                    new RetryableRequestContext(last, data("http://orders/x"))))
                                    .block()
                                    .getServer();
                            hosts.add(last.getHost());
                        }
                        assertThat(hosts).hasSize(4);
                    }
                });
    }

    @Test
    void retryWithoutRoomInTheBudget_getsNoInstance_andTheReason() {
        source.publish("orders.shop", Endpoint.builder("10.0.0.1", 8080).build());
        source.publish("stock.shop", Endpoint.builder("10.0.0.2", 8080).build());
        TestContexts.fedBy(source)
                .withPropertyValues("xds-lb.retry-budget.share=0", "xds-lb.retry-budget.min-per-second=0")
                .run(context -> {
                    ServiceInstance first = choose(context, "orders").block().getServer();
                    Request<?> retry =
                            new DefaultRequest<>(new RetryableRequestContext(first, data("http://orders/x")));
                    assertThat(refusal(choose(context, "orders", retry)))
                            .isInstanceOf(RetryBudgetExceededException.class)
                            .hasMessage(
                                    "the retry budget of orders.shop is used up: the last 10 s had retries for 0% of"
                                            + " their requests and 0 per second more (retry-budget.share,"
                                            + " retry-budget.min-per-second); send fewer retries, or raise the budget");
                    assertThat(host(choose(context, "stock", retry)))
                            .as("a fallback to another service is no retry")
                            .isEqualTo("10.0.0.2");
                });
    }

    @Test
    void listsThatAlternate_areNotWorkedOutAnew() {
        source.publish("orders.shop", Endpoint.builder("10.0.0.1", 8080).build());
        source.publish("orders.shop:9090", Endpoint.builder("10.0.0.1", 9090).build());
        AtomicReference<Integer> made = new AtomicReference<>(0);
        TestContexts.fedBy(source)
                .withUserConfiguration(OwnList.class)
                .withBean(LoadBalancingStrategy.class, () -> new LoadBalancingStrategy() {
                    @Override
                    public String name() {
                        return "counting";
                    }

                    @Override
                    public Picker picker(Pool pool) {
                        made.set(made.get() + 1);
                        return request -> pool.get(0);
                    }
                })
                .withPropertyValues("xds-lb.strategy=counting")
                .run(context -> {
                    choose(context, "orders", request("http://orders/x")).block();
                    choose(context, "orders", request("http://orders:9090/x")).block();
                    int before = made.get();
                    for (int i = 0; i < 100; i++) {
                        choose(context, "orders", request("http://orders/x")).block();
                        choose(context, "orders", request("http://orders:9090/x"))
                                .block();
                    }
                    assertThat(made.get() - before)
                            .as("but for what a tick makes")
                            .isLessThan(20);
                });
    }

    @Test
    void hostsHaveNoCase() {
        source.publish("orders.shop", Endpoint.builder("10.0.0.1", 8080).build());
        source.publish("orders.shop:9090", Endpoint.builder("10.0.0.2", 9090).build());
        source.publish("stock-v2.shop", Endpoint.builder("10.0.0.3", 8080).build());
        TestContexts.fedBy(source)
                .withPropertyValues("xds-lb.clients.Stock.resource=stock-v2")
                .run(context -> {
                    assertThat(host(choose(context, "ORDERS", request("http://ORDERS/x"))))
                            .isEqualTo("10.0.0.1");
                    assertThat(host(choose(context, "Orders.Shop", request("http://orders.shop:9090/x"))))
                            .isEqualTo("10.0.0.2");
                    assertThat(host(choose(context, "STOCK", request("http://STOCK/x"))))
                            .isEqualTo("10.0.0.3");
                    assertThat(source.subscribed())
                            .containsExactlyInAnyOrder("orders.shop", "orders.shop:9090", "stock-v2.shop");
                });
    }

    @Test
    void spellingsOfOneService_areOneCluster() {
        source.publish("orders.shop", Endpoint.builder("10.0.0.1", 8080).build());
        TestContexts.fedBy(source)
                .withPropertyValues(
                        "xds-lb.cluster-domain=corp.example", "xds-lb.clients.[Orders.Shop.svc].strategy=random")
                .run(context -> {
                    for (String host : List.of(
                            "orders",
                            "ORDERS",
                            "orders.",
                            "orders.shop",
                            "orders.shop.",
                            "orders.shop.svc",
                            "orders.shop.svc.",
                            "orders.shop.svc.cluster.local",
                            "orders.shop.svc.cluster.local.",
                            "orders.shop.svc.corp.example",
                            "Orders.Shop.SVC.Corp.Example",
                            "orders.shop.svc.corp.example.")) {
                        assertThat(host(choose(context, host, request("http://" + host + "/x"))))
                                .as(host)
                                .isEqualTo("10.0.0.1");
                    }
                    assertThat(source.subscribed()).containsExactly("orders.shop");
                    assertThat(context.getBean(ClusterRegistry.class)
                                    .cluster("orders.shop")
                                    .settings()
                                    .strategy()
                                    .name())
                            .isEqualTo("random");
                    assertThat(refusal(choose(context, "orders.shop.svc.other.example")))
                            .hasMessageContaining("orders.shop.svc.other.example");
                });
    }

    @Test
    void portsThatAreMadeUp_areNotKept() {
        TestContexts.fedBy(source)
                .withPropertyValues("xds-lb.initial-fetch-timeout=10ms", "xds-lb.max-unconfigured-services=50")
                .run(context -> {
                    for (int port = 1; port <= 1_000; port++) {
                        assertThat(refusal(choose(context, "orders", request("http://orders:" + port + "/x"))))
                                .isNotNull();
                    }
                    assertThat(source.subscribed()).hasSizeLessThanOrEqualTo(50);
                });
    }

    @Test
    void keyThatThrows_failsTheRequestByItsName() {
        source.publish(
                "orders.shop",
                Endpoint.builder("10.0.0.1", 8080).build(),
                Endpoint.builder("10.0.0.2", 8080).build());
        TestContexts.fedBy(source)
                .withBean("tenant", dev.xdslb.strategy.RequestKey.class, () -> request -> {
                    throw new IllegalArgumentException("no tenant");
                })
                .withPropertyValues("xds-lb.strategy=ring-hash", "xds-lb.hash.key=bean:tenant")
                .run(context -> assertThatThrownBy(
                                () -> choose(context, "orders").block())
                        .hasMessageContaining("no tenant")
                        .hasMessageContaining("bean:tenant")
                        .hasMessageNotContaining("strategy ring-hash of"));
    }

    @Test
    void retry_takesThePreviousInstanceWhereThereIsNoOther() {
        source.publish("orders.shop", Endpoint.builder("10.0.0.1", 8080).build());
        TestContexts.fedBy(source).run(context -> {
            ServiceInstance first = choose(context, "orders").block().getServer();
            assertThat(choose(
                                    context,
                                    "orders",
                                    new DefaultRequest<>(new RetryableRequestContext(first, data("http://orders/x"))))
                            .block()
                            .getServer())
                    .isEqualTo(first);
        });
    }

    @Test
    void retry_staysWithinItsSubset_alsoWhereThatHasNoOther() {
        source.publish(
                "orders.shop",
                Endpoint.builder("10.0.0.1", 8080).shard("7").build(),
                Endpoint.builder("10.0.0.2", 8080).shard("7").build(),
                Endpoint.builder("10.0.0.3", 8080).shard("8").build());
        TestContexts.fedBy(source)
                .withPropertyValues("xds-lb.clients.orders.subset.from=path")
                .run(context -> {
                    assertThat(retryOf("10.0.0.1", context, "7")).isEqualTo("10.0.0.2");
                    assertThat(retryOf("10.0.0.3", context, "8")).isEqualTo("10.0.0.3");
                });
    }

    private static String retryOf(String previous, ApplicationContext context, String path) {
        ServiceInstance first = new EndpointServiceInstance(
                "orders", Endpoint.builder(previous, 8080).build());
        RequestData data = data(path);
        return choose(context, "orders", new DefaultRequest<>(new RetryableRequestContext(first, data)))
                .block()
                .getServer()
                .getHost();
    }

    @Test
    void listsInstancesThatMayGetRequests() {
        source.publish(
                "orders.shop",
                Endpoint.builder("10.0.0.1", 8080).build(),
                Endpoint.builder("10.0.0.2", 8080)
                        .health(EndpointHealth.UNHEALTHY)
                        .build(),
                Endpoint.builder("10.0.0.3", 8080)
                        .health(EndpointHealth.DRAINING)
                        .build());
        TestContexts.fedBy(source).run(context -> {
            ServiceInstanceListSupplier supplier = context.getBean(LoadBalancerClientFactory.class)
                    .getInstance("orders", ServiceInstanceListSupplier.class);
            assertThat(supplier).isInstanceOf(XdsServiceInstanceListSupplier.class);
            List<ServiceInstance> instances = supplier.get().blockLast();
            assertThat(instances).extracting(ServiceInstance::getHost).containsExactly("10.0.0.1");
            assertThat(supplier.get().blockLast()).isSameAs(instances);
        });
    }

    @Test
    void applicationsOwnList_restrictsThePick() {
        source.publish(
                "orders.shop",
                Endpoint.builder("10.0.0.1", 8080).build(),
                Endpoint.builder("10.0.0.2", 8080).build(),
                Endpoint.builder("10.0.0.3", 8080).build());
        TestContexts.fedBy(source).withUserConfiguration(OwnList.class).run(context -> {
            Set<String> hosts = new HashSet<>();
            for (int i = 0; i < 50; i++) {
                hosts.add(host(choose(context, "orders")));
            }
            assertThat(hosts).containsExactlyInAnyOrder("10.0.0.1", "10.0.0.2");
        });
    }

    @Test
    void applicationsInstanceWithoutAService_isOfTheOneThatWasAskedFor() {
        source.publish("orders.shop", Endpoint.builder("10.0.0.1", 8080).build());
        TestContexts.fedBy(source).withUserConfiguration(OwnInstances.class).run(context -> {
            ServiceInstance chosen = choose(context, "orders").block().getServer();
            assertThat(chosen.getServiceId()).isEqualTo("orders");
        });
    }

    @Test
    void routeOverTls_isObeyedWhateverSchemeTheInstanceHas() {
        source.publish("orders.shop", Endpoint.builder("10.0.0.1", 8080).build());
        TestContexts.fedBy(source).withUserConfiguration(OwnInstances.class).run(context -> {
            ServiceInstance plain =
                    choose(context, "orders", received("http://orders")).block().getServer();
            assertThat(plain.getScheme()).isEqualTo("http");
            ServiceInstance overTls = choose(context, "orders", received("https://orders"))
                    .block()
                    .getServer();
            assertThat(overTls.getUri()).hasToString("https://10.0.0.1:8080");
            assertThat(LoadBalancerUriTools.reconstructURI(overTls, URI.create("http://gateway/x")))
                    .hasToString("https://10.0.0.1:8080/x");
        });
    }

    private static Request<?> received(String route) {
        java.util.Map<String, Object> attributes = new java.util.HashMap<>();
        attributes.put("org.springframework.web.servlet.DispatcherServlet.CONTEXT", "of a request that was received");
        GatewayRoute.attach(attributes, URI.create(route));
        return new DefaultRequest<>(new RequestDataContext(new RequestData(
                HttpMethod.GET,
                URI.create("http://gateway/x"),
                new HttpHeaders(),
                new LinkedMultiValueMap<>(),
                attributes)));
    }

    @Test
    void applicationsOwnListWithoutAKnownEndpoint_saysSo() {
        source.publish("orders.shop", Endpoint.builder("10.0.0.9", 8080).build());
        TestContexts.fedBy(source)
                .withUserConfiguration(OwnList.class)
                .run(context -> assertThat(refusal(choose(context, "orders")))
                        .isInstanceOf(NoEndpointException.class)
                        .hasMessageContaining(
                                "none of its 1 endpoints is among the 0 instances that the application's own"
                                        + " FirstTwo returned"));
    }

    @Test
    void applicationsOwnBalancer_wins() {
        source.publish("orders.shop", Endpoint.builder("10.0.0.1", 8080).build());
        TestContexts.fedBy(source)
                .withUserConfiguration(OwnBalancer.class)
                .withPropertyValues("xds-lb.clients.orders.enabled=true")
                .run(context -> {
                    assertThat(context).hasNotFailed();
                    assertThat(context.getBean(LoadBalancerClientFactory.class).getInstance("orders"))
                            .isInstanceOf(RandomLoadBalancer.class);
                    assertThat(host(choose(context, "orders")))
                            .as("still fed by the control plane")
                            .isEqualTo("10.0.0.1");
                });
    }

    @Test
    void strategyThatThrowsOrPicksNobody_failsTheRequestByItsName() {
        source.publish("orders.shop", Endpoint.builder("10.0.0.1", 8080).build());
        AtomicReference<Picker> picker = new AtomicReference<>(request -> {
            throw new IllegalArgumentException("no tenant");
        });
        TestContexts.fedBy(source)
                .withBean(LoadBalancingStrategy.class, () -> new Scripted(picker))
                .withPropertyValues("xds-lb.strategy=scripted")
                .run(context -> {
                    Mono<Response<ServiceInstance>> failing = choose(context, "orders");
                    assertThatThrownBy(failing::block)
                            .hasMessage("strategy scripted of orders.shop failed: "
                                    + "java.lang.IllegalArgumentException: no tenant")
                            .hasCauseInstanceOf(IllegalArgumentException.class);

                    picker.set(NOBODY);
                    assertThatThrownBy(() -> choose(context, "orders").block())
                            .hasMessageStartingWith("strategy scripted of orders.shop failed: ")
                            .hasMessageContaining("the picker returned null");
                });
    }

    private static Mono<Response<ServiceInstance>> choose(ApplicationContext context, String serviceId) {
        return choose(context, serviceId, new DefaultRequest<>());
    }

    private static Mono<Response<ServiceInstance>> choose(
            ApplicationContext context, String serviceId, Request<?> request) {
        ReactiveLoadBalancer<ServiceInstance> balancer =
                context.getBean(LoadBalancerClientFactory.class).getInstance(serviceId);
        return Mono.from(balancer.choose(request));
    }

    private static RuntimeException refusal(Mono<Response<ServiceInstance>> response) {
        return NoInstance.reasonOf(response.block(Duration.ofSeconds(30)));
    }

    private static String host(Mono<Response<ServiceInstance>> response) {
        return response.block().getServer().getHost();
    }

    private static Request<?> request(String url) {
        return new DefaultRequest<>(new RequestDataContext(data(url)));
    }

    private static RequestData data(String url) {
        return new RequestData(
                HttpMethod.GET, URI.create(url), new HttpHeaders(), new LinkedMultiValueMap<>(), java.util.Map.of());
    }

    @Configuration(proxyBeanMethods = false)
    @LoadBalancerClients(defaultConfiguration = OwnListBeans.class)
    static class OwnList {}

    static class OwnListBeans {
        @Bean
        FirstTwo firstTwo(XdsServiceInstanceListSupplier base) {
            return new FirstTwo(base);
        }
    }

    @Configuration(proxyBeanMethods = false)
    @LoadBalancerClients(defaultConfiguration = OwnInstancesBeans.class)
    static class OwnInstances {}

    static class OwnInstancesBeans {
        @Bean
        PlainInstances plainInstances(XdsServiceInstanceListSupplier base) {
            return new PlainInstances(base);
        }
    }

    /** Instances of a class of the application's, which says the scheme and not the service. */
    static final class PlainInstances extends DelegatingServiceInstanceListSupplier {
        PlainInstances(ServiceInstanceListSupplier delegate) {
            super(delegate);
        }

        @Override
        public Flux<List<ServiceInstance>> get() {
            return delegate.get()
                    .map(instances -> instances.stream()
                            .map(instance -> (ServiceInstance) new Plain(instance))
                            .toList());
        }

        @Override
        @SuppressWarnings("rawtypes") // as the interface declares it
        public Flux<List<ServiceInstance>> get(Request request) {
            return get();
        }
    }

    private record Plain(ServiceInstance instance) implements ServiceInstance {
        @Override
        public String getServiceId() {
            return null;
        }

        @Override
        public String getHost() {
            return instance.getHost();
        }

        @Override
        public int getPort() {
            return instance.getPort();
        }

        @Override
        public boolean isSecure() {
            return false;
        }

        @Override
        public String getScheme() {
            return "http";
        }

        @Override
        public URI getUri() {
            return ServiceInstance.createUri(this);
        }

        @Override
        public java.util.Map<String, String> getMetadata() {
            return java.util.Map.of();
        }
    }

    static final class FirstTwo extends DelegatingServiceInstanceListSupplier {
        private static final Set<String> HOSTS = Set.of("10.0.0.1", "10.0.0.2");

        FirstTwo(ServiceInstanceListSupplier delegate) {
            super(delegate);
        }

        @Override
        public Flux<List<ServiceInstance>> get() {
            return firstTwo(delegate.get());
        }

        @Override
        @SuppressWarnings("rawtypes") // as the interface declares it
        public Flux<List<ServiceInstance>> get(Request request) {
            return firstTwo(delegate.get(request));
        }

        private static Flux<List<ServiceInstance>> firstTwo(Flux<List<ServiceInstance>> all) {
            return all.map(instances -> instances.stream()
                    .filter(instance -> HOSTS.contains(instance.getHost()))
                    .toList());
        }
    }

    @Configuration(proxyBeanMethods = false)
    @LoadBalancerClients(defaultConfiguration = OwnBalancerBeans.class)
    static class OwnBalancer {}

    static class OwnBalancerBeans {
        @Bean
        ReactorLoadBalancer<ServiceInstance> random(Environment environment, LoadBalancerClientFactory factory) {
            String name = environment.getProperty(LoadBalancerClientFactory.PROPERTY_NAME);
            return new RandomLoadBalancer(factory.getLazyProvider(name, ServiceInstanceListSupplier.class), name);
        }
    }

    /** Does what the test says, and is broken as Java code without null checks can be. */
    private record Scripted(AtomicReference<Picker> picker) implements LoadBalancingStrategy {
        @Override
        public String name() {
            return "scripted";
        }

        @Override
        public Picker picker(Pool pool) {
            return request -> picker.get().pick(request);
        }
    }
}
