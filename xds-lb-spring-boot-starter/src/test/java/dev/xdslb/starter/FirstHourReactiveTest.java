/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.starter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.xdslb.cluster.EndpointSource;
import dev.xdslb.load.EndpointLoad;
import dev.xdslb.starter.FaultyPods.Behaviour;
import dev.xdslb.starter.FaultyPods.Pod;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.ToIntFunction;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.cloud.client.loadbalancer.LoadBalanced;
import org.springframework.context.ApplicationContext;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.support.GenericApplicationContext;
import org.springframework.http.client.reactive.ReactorClientHttpConnector;
import org.springframework.web.client.RestClient;
import org.springframework.web.reactive.function.client.WebClient;
import org.springframework.web.reactive.function.client.support.WebClientAdapter;
import org.springframework.web.service.annotation.GetExchange;
import org.springframework.web.service.invoker.HttpServiceProxyFactory;
import reactor.core.publisher.Mono;
import reactor.netty.http.client.HttpClient;

/**
 * What an application sees whose service has four pods of which one is in trouble, with each of Spring's reactive clients as one
 * writes it on the first day: 16 callers, 1,000 requests.
 */
@Tag("figures")
@Timeout(180)
class FirstHourReactiveTest {
    private static final int CALLERS = 16;
    private static final int RUNS = 3;
    private static final int GOOD_REQUESTS = 1_000;
    private static final int REQUESTS = 1_000;

    /** Five failures in a row eject, those under way at that moment fail as well, and so does a probe now and then. */
    private static final int MOST_LOST = 12;

    private static final FaultyPods PODS = new FaultyPods();
    private static ConfigurableApplicationContext application;

    /** Clients. */
    enum Client {
        WEB_CLIENT {
            @Override
            void call(ApplicationContext application, String service) {
                application
                        .getBean("balanced", WebClient.Builder.class)
                        .build()
                        .get()
                        .uri("http://" + service + "/x")
                        .retrieve()
                        .bodyToMono(String.class)
                        .block();
            }
        },
        HTTP_INTERFACE {
            @Override
            void call(ApplicationContext application, String service) {
                application
                        .getBean(ByInterface.class)
                        .get(URI.create("http://" + service + "/x"))
                        .block();
            }
        },
        GATEWAY {
            @Override
            void call(ApplicationContext application, String service) {
                int port = application.getEnvironment().getRequiredProperty("local.server.port", Integer.class);
                application
                        .getBean("plain", RestClient.class)
                        .get()
                        .uri("http://127.0.0.1:" + port + '/' + service + "/x")
                        .retrieve()
                        .body(String.class);
            }
        };

        abstract void call(ApplicationContext application, String service);

        String service(Behaviour behaviour, int run) {
            return (name() + '-' + behaviour + '-' + run)
                    .toLowerCase(Locale.ROOT)
                    .replace('_', '-');
        }
    }

    @BeforeAll
    static void start() {
        List<String> arguments = new ArrayList<>(List.of(
                "--server.port=0",
                "--spring.main.banner-mode=off",
                "--eureka.client.enabled=false",
                "--spring.cloud.gateway.server.webflux.httpclient.response-timeout=500ms",
                "--xds-lb.namespace=shop"));
        int routes = 0;
        for (Behaviour behaviour : Behaviour.values()) {
            for (int run = 1; run <= RUNS; run++) {
                String service = Client.GATEWAY.service(behaviour, run);
                String route = "--spring.cloud.gateway.server.webflux.routes[" + routes++ + "]";
                arguments.addAll(List.of(
                        route + ".id=" + service,
                        route + ".uri=lb://" + service,
                        route + ".predicates[0]=Path=/" + service + "/**"));
            }
        }
        application = new SpringApplicationBuilder(Application.class)
                .web(WebApplicationType.REACTIVE)
                .initializers(context -> ((GenericApplicationContext) context)
                        .registerBean(
                                EndpointSource.class, () -> PODS, definition -> definition.setDestroyMethodName("")))
                .run(arguments.toArray(String[]::new));
    }

    @AfterAll
    static void stop() {
        if (application != null) {
            application.close();
        }
        PODS.close();
    }

    @ParameterizedTest
    @EnumSource
    void podThatAnswers500(Client client) throws Exception {
        assertFewAreLost(client, Behaviour.ANSWERS_500);
    }

    @ParameterizedTest
    @EnumSource
    void podThatRefuses(Client client) throws Exception {
        assertFewAreLost(client, Behaviour.REFUSES);
    }

    @ParameterizedTest
    @EnumSource
    void podThatResetsWithinTheBody(Client client) throws Exception {
        assertFewAreLost(client, Behaviour.RESETS_WITHIN_THE_BODY);
    }

    @ParameterizedTest
    @EnumSource
    void podThatHangs(Client client) throws Exception {
        assertFewAreLost(client, Behaviour.HANGS);
    }

    @ParameterizedTest
    @EnumSource
    void podThatIsSlow_getsLittle(Client client) throws Exception {
        Run run = best(client, Behaviour.IS_SLOW, Run::toTheBadOne);
        assertThat(run.failed).isZero();
        assertThat(run.toTheBadOne)
                .as("no more than there are callers, who all meet it once")
                .isLessThanOrEqualTo(CALLERS);
    }

    private static void assertFewAreLost(Client client, Behaviour behaviour) throws Exception {
        assertThat(best(client, behaviour, Run::failed).failed).isLessThanOrEqualTo(MOST_LOST);
    }

    /** Returns the first of a few runs that is good enough, or the best: see {@link FirstHourBlockingTest}. */
    private static Run best(Client client, Behaviour behaviour, ToIntFunction<Run> figure) throws Exception {
        Run best = run(client, behaviour, 1);
        for (int i = 2; i <= RUNS && figure.applyAsInt(best) > MOST_LOST; i++) {
            Run next = run(client, behaviour, i);
            best = figure.applyAsInt(next) < figure.applyAsInt(best) ? next : best;
        }
        return best;
    }

    /** The pod gets into trouble while all are calling. */
    private static Run run(Client client, Behaviour behaviour, int run) throws Exception {
        String service = client.service(behaviour, run);
        List<Pod> pods = PODS.service(service, 4);
        client.call(application, service);
        List<EndpointLoad> loads = FaultyPods.loads(application, service);
        assertThat(loads).hasSize(4);
        Pod bad = pods.get(0);
        AtomicInteger before = new AtomicInteger();
        int failed = failedOf(client, service, () -> {
            before.set(bad.requests());
            bad.behave(behaviour);
        });
        int toTheBadOne = bad.requests() - before.get();
        System.out.printf("%s: %d failed of %d, %d to the bad one%n", service, failed, REQUESTS, toTheBadOne);
        await().untilAsserted(() -> assertThat(loads).allMatch(load -> load.inFlight() == 0));
        return new Run(failed, toTheBadOne);
    }

    private static int failedOf(Client client, String service, Runnable trouble) throws InterruptedException {
        AtomicInteger calls = new AtomicInteger();
        AtomicInteger failed = new AtomicInteger();
        CountDownLatch done = new CountDownLatch(CALLERS);
        for (int i = 0; i < CALLERS; i++) {
            new Thread(() -> {
                        for (int call = calls.incrementAndGet();
                                call <= GOOD_REQUESTS + REQUESTS;
                                call = calls.incrementAndGet()) {
                            if (call == GOOD_REQUESTS) {
                                trouble.run();
                            }
                            try {
                                client.call(application, service);
                            } catch (RuntimeException e) {
                                failed.incrementAndGet();
                            }
                        }
                        done.countDown();
                    })
                    .start();
        }
        done.await();
        return failed.get();
    }

    private record Run(int failed, int toTheBadOne) {}

    interface ByInterface {
        @GetExchange
        Mono<String> get(URI uri);
    }

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class Application {
        @Bean
        @LoadBalanced
        WebClient.Builder balanced() {
            HttpClient netty = HttpClient.create().responseTimeout(Duration.ofMillis(500));
            return WebClient.builder().clientConnector(new ReactorClientHttpConnector(netty));
        }

        @Bean
        RestClient plain() {
            return RestClient.create();
        }

        @Bean
        ByInterface byInterface(@LoadBalanced WebClient.Builder balanced) {
            return HttpServiceProxyFactory.builderFor(WebClientAdapter.create(balanced.build()))
                    .build()
                    .createClient(ByInterface.class);
        }
    }
}
