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
import feign.Feign;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
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
import org.springframework.boot.restclient.RestTemplateBuilder;
import org.springframework.boot.restclient.autoconfigure.RestClientBuilderConfigurer;
import org.springframework.cloud.client.loadbalancer.LoadBalanced;
import org.springframework.cloud.openfeign.EnableFeignClients;
import org.springframework.cloud.openfeign.FeignClient;
import org.springframework.context.ApplicationContext;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Primary;
import org.springframework.context.annotation.Scope;
import org.springframework.context.support.GenericApplicationContext;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.client.RestClient;
import org.springframework.web.client.RestTemplate;
import org.springframework.web.client.support.RestClientAdapter;
import org.springframework.web.service.annotation.GetExchange;
import org.springframework.web.service.invoker.HttpServiceProxyFactory;
import org.springframework.web.service.registry.ImportHttpServices;

/**
 * What an application sees whose service has four pods of which one is in trouble, with each of Spring's blocking clients as one
 * writes it on the first day: 16 threads, 1,000 requests.
 */
@Tag("figures")
@Timeout(180)
class FirstHourBlockingTest {
    private static final int THREADS = 16;
    private static final int REQUESTS = 1_000;

    private static final int RUNS = 3;

    /** Enough for the times of the first calls, which are those of a cold client, to be forgotten. */
    private static final int WARM_UP = 1_000;

    /** Five failures in a row eject, those under way at that moment fail as well, and so does a probe now and then. */
    private static final int MOST_LOST = 12;

    private static final FaultyPods PODS = new FaultyPods();
    /** Why calls failed, and how many. */
    private static final Map<String, Integer> REASONS = new ConcurrentHashMap<>();

    private static ConfigurableApplicationContext application;

    /** Clients. */
    enum Client {
        REST_CLIENT {
            @Override
            void call(ApplicationContext application, String service) {
                application
                        .getBean("balanced", RestClient.Builder.class)
                        .build()
                        .get()
                        .uri("http://" + service + "/x")
                        .retrieve()
                        .body(String.class);
            }
        },
        REST_TEMPLATE {
            @Override
            void call(ApplicationContext application, String service) {
                application.getBean(RestTemplate.class).getForObject("http://" + service + "/x", String.class);
            }
        },
        HTTP_INTERFACE_OF_A_GROUP {
            @Override
            void call(ApplicationContext application, String service) {
                application.getBean(OfGroup.class).get(URI.create("lb://" + service + "/x"));
            }
        },
        HTTP_INTERFACE {
            @Override
            void call(ApplicationContext application, String service) {
                application.getBean(ByInterface.class).get(URI.create("http://" + service + "/x"));
            }
        },
        FEIGN {
            @Override
            void call(ApplicationContext application, String service) {
                application.getBean(ByFeign.class).get(URI.create("http://" + service));
            }
        },
        FEIGN_WITH_CIRCUIT_BREAKER {
            @Override
            void call(ApplicationContext application, String service) {
                application.getBean(ByFeignWithBreaker.class).get(URI.create("http://" + service));
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
                "--spring.cloud.gateway.server.webflux.enabled=false",
                "--spring.http.clients.read-timeout=500ms",
                "--spring.cloud.openfeign.client.config.default.read-timeout=500",
                "--spring.cloud.openfeign.circuitbreaker.enabled=true",
                "--spring.http.serviceclient.first-hour.base-url=lb://first-hour",
                "--xds-lb.namespace=shop"));
        int routes = 0;
        for (Behaviour behaviour : Behaviour.values()) {
            for (int run = 1; run <= RUNS; run++) {
                String service = Client.GATEWAY.service(behaviour, run);
                String route = "--spring.cloud.gateway.server.webmvc.routes[" + routes++ + "]";
                arguments.addAll(List.of(
                        route + ".id=" + service,
                        route + ".uri=lb://" + service,
                        route + ".predicates[0]=Path=/" + service + "/**"));
            }
        }
        application = new SpringApplicationBuilder(Application.class)
                .web(WebApplicationType.SERVLET)
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
                .isLessThanOrEqualTo(THREADS);
    }

    private static void assertFewAreLost(Client client, Behaviour behaviour) throws Exception {
        assertThat(best(client, behaviour, Run::failed).failed)
                .as("%s", REASONS)
                .isLessThanOrEqualTo(MOST_LOST);
    }

    /**
     * Returns the first of a few runs that is good enough, or the best. Where other programs take the processors away at the wrong
     * moment, all threads may be at the bad pod at once; nothing makes a run better than what the clients do by themselves.
     */
    private static Run best(Client client, Behaviour behaviour, ToIntFunction<Run> figure) throws Exception {
        Run best = run(client, behaviour, 1);
        for (int i = 2; i <= RUNS && figure.applyAsInt(best) > MOST_LOST; i++) {
            Run next = run(client, behaviour, i);
            best = figure.applyAsInt(next) < figure.applyAsInt(best) ? next : best;
        }
        return best;
    }

    private static Run run(Client client, Behaviour behaviour, int run) throws Exception {
        String service = client.service(behaviour, run);
        List<Pod> pods = PODS.service(service, 4);
        REASONS.clear();
        client.call(application, service); // alone: Feign makes what it needs at its first call, for one thread
        List<EndpointLoad> loads = FaultyPods.loads(application, service);
        assertThat(loads).hasSize(4);
        AtomicInteger before = new AtomicInteger();
        int failed = failedOf(client, service, () -> {
            before.set(pods.get(0).requests());
            pods.get(0).behave(behaviour);
        });
        int toTheBadOne = pods.get(0).requests() - before.get();
        System.out.printf("%s: %d failed of %d, %d to the bad one%n", service, failed, REQUESTS, toTheBadOne);
        await().untilAsserted(() -> assertThat(loads).allMatch(load -> load.inFlight() == 0));
        return new Run(failed, toTheBadOne);
    }

    /** Calls from all threads, until as many calls have begun after the trouble as before it; none may fail before. */
    private static int failedOf(Client client, String service, Runnable trouble) throws InterruptedException {
        AtomicInteger calls = new AtomicInteger();
        AtomicInteger failed = new AtomicInteger();
        CountDownLatch done = new CountDownLatch(THREADS);
        for (int i = 0; i < THREADS; i++) {
            new Thread(() -> {
                        for (int call = calls.incrementAndGet();
                                call <= WARM_UP + REQUESTS;
                                call = calls.incrementAndGet()) {
                            if (call == WARM_UP + 1) {
                                trouble.run();
                            }
                            try {
                                client.call(application, service);
                            } catch (RuntimeException e) {
                                failed.incrementAndGet();
                                REASONS.merge(reason(e), 1, Integer::sum);
                            }
                        }
                        done.countDown();
                    })
                    .start();
        }
        done.await();
        return failed.get();
    }

    private static String reason(Throwable failure) {
        StringBuilder all = new StringBuilder();
        for (Throwable next = failure; next != null; next = next.getCause()) {
            all.append(next.getClass().getSimpleName())
                    .append(' ')
                    .append(next.getMessage())
                    .append(" | ");
        }
        return all.toString();
    }

    private record Run(int failed, int toTheBadOne) {}

    interface ByInterface {
        @GetExchange
        String get(URI uri);
    }

    interface OfGroup {
        @GetExchange
        String get(URI uri);
    }

    @FeignClient(name = "with-breaker")
    interface ByFeignWithBreaker {
        @GetMapping("/x")
        String get(URI base);
    }

    @FeignClient(name = "first-hour", configuration = WithoutBreaker.class)
    interface ByFeign {
        @GetMapping("/x")
        String get(URI base);
    }

    static class WithoutBreaker {
        @Bean
        @Scope("prototype")
        Feign.Builder builder() {
            return Feign.builder();
        }
    }

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    @ImportHttpServices(group = "first-hour", types = OfGroup.class)
    @EnableFeignClients(clients = {ByFeign.class, ByFeignWithBreaker.class})
    static class Application {
        @Bean
        @LoadBalanced
        RestClient.Builder balanced(RestClientBuilderConfigurer configurer) {
            return configurer.configure(RestClient.builder());
        }

        /** Else the gateway sends with the one above, which takes the address of a pod for a service. */
        @Bean
        @Primary
        RestClient.Builder unbalanced(RestClientBuilderConfigurer configurer) {
            return configurer.configure(RestClient.builder());
        }

        @Bean
        RestClient plain() {
            return RestClient.create();
        }

        @Bean
        @LoadBalanced
        RestTemplate template(RestTemplateBuilder builder) {
            return builder.build();
        }

        @Bean
        ByInterface byInterface(@LoadBalanced RestClient.Builder balanced) {
            return HttpServiceProxyFactory.builderFor(RestClientAdapter.create(balanced.build()))
                    .build()
                    .createClient(ByInterface.class);
        }
    }
}
