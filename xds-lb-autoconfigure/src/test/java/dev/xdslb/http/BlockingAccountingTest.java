/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.xdslb.TestPod;
import dev.xdslb.load.Outcome;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;
import org.springframework.cloud.client.loadbalancer.LoadBalanced;
import org.springframework.cloud.client.loadbalancer.LoadBalancerClient;
import org.springframework.cloud.client.loadbalancer.LoadBalancerRequestTransformer;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.client.ClientHttpRequestFactory;
import org.springframework.http.client.ClientHttpResponse;
import org.springframework.http.client.JdkClientHttpRequestFactory;
import org.springframework.http.client.SimpleClientHttpRequestFactory;
import org.springframework.web.client.HttpServerErrorException;
import org.springframework.web.client.RestClient;
import org.springframework.web.client.RestTemplate;

/** How the requests of the blocking clients are counted. */
class BlockingAccountingTest extends AccountingTest {

    @ParameterizedTest
    @EnumSource
    void success_endsAsSuccess(Client client) {
        run(context -> {
            assertThat(client.get(context, "/ok")).isEqualTo("pod " + pod.port());
            assertEnded(Outcome.SUCCESS);
        });
    }

    @ParameterizedTest
    @EnumSource
    void callersMistake_endsAsSuccess(Client client) {
        run(context -> {
            assertThat(catchThrowable(() -> client.get(context, "/bad-request")))
                    .hasMessageContaining("400");
            assertEnded(Outcome.SUCCESS);
        });
    }

    @ParameterizedTest
    @EnumSource
    void serverError_endsAsFailure(Client client) {
        run(context -> {
            assertThat(catchThrowable(() -> client.get(context, "/broken"))).hasMessageContaining("503");
            assertEnded(Outcome.FAILURE);
        });
    }

    @ParameterizedTest
    @EnumSource
    void refusedConnection_endsAsConnectionFailure(Client client) throws Exception {
        source.publish("orders.shop", refusing());
        run(context -> {
            Throwable failure = catchThrowable(() -> client.get(context, "/ok"));
            assertThat(HttpOutcomes.of(failure.getCause(), "127.0.0.1")).isEqualTo(Outcome.CONNECTION_FAILURE);
            assertEnded(Outcome.CONNECTION_FAILURE);
        });
    }

    @Test
    void connectionLostWithinTheBody_endsAsConnectionFailure() {
        run(context -> {
            Throwable failure = catchThrowable(() -> Client.REST_CLIENT.get(context, "/reset"));
            assertThat(HttpOutcomes.of(failure.getCause(), "127.0.0.1")).isEqualTo(Outcome.CONNECTION_FAILURE);
            assertEnded(Outcome.CONNECTION_FAILURE);
        });
    }

    @ParameterizedTest
    @EnumSource
    void readTimeout_endsAsFailure(Client client) {
        run(context -> {
            Throwable failure = catchThrowable(() -> client.get(context, "/hang"));
            assertThat(HttpOutcomes.of(failure.getCause(), "127.0.0.1")).isEqualTo(Outcome.FAILURE);
            assertEnded(Outcome.FAILURE);
        });
    }

    @Test
    void interruptedCaller_endsAsCancelled() throws Exception {
        application().withUserConfiguration(Clients.class).run(context -> {
            AtomicReference<Throwable> failure = new AtomicReference<>();
            Thread caller = new Thread(() ->
                    failure.set(catchThrowable(() -> context.getBean("patientBuilder", RestClient.Builder.class)
                            .build()
                            .get()
                            .uri("http://orders/hang")
                            .retrieve()
                            .body(String.class))));
            context.getBean(LoadBalancerClient.class).choose("orders"); // so that there is a load to look at
            caller.start();
            awaitInFlight(1);
            caller.interrupt();
            caller.join();
            assertThat(failure.get()).isNotNull();
            assertEnded(Outcome.CANCELLED);
        });
    }

    @Test
    void countsUntilTheEndOfTheBody() {
        run(context -> {
            RestClient client =
                    context.getBean("builder", RestClient.Builder.class).build();
            ClientHttpResponse response = client.get().uri("http://orders/half").exchange((request, r) -> r, false);
            InputStream body = response.getBody();
            assertThat(body.readNBytes(4)).asString().isEqualTo("half");
            assertThat(load.load().inFlight()).isEqualTo(1);
            pod.sendRestOfBody();
            assertThat(body.readAllBytes()).asString().isEqualTo("rest");
            assertEnded(Outcome.SUCCESS);
            response.close();
            assertEnded(Outcome.SUCCESS);
        });
    }

    @Test
    void closingBeforeTheEndOfTheBody_ends() {
        run(context -> {
            RestClient client =
                    context.getBean("builder", RestClient.Builder.class).build();
            ClientHttpResponse response = client.get().uri("http://orders/half").exchange((request, r) -> r, false);
            assertThat(load.load().inFlight()).isEqualTo(1);
            CompletableFuture<Void> unused = CompletableFuture.runAsync(pod::sendRestOfBody);
            response.close();
            assertEnded(Outcome.SUCCESS);
        });
    }

    @Test
    void closingTheBodyAlone_ends() {
        run(context -> {
            RestClient client =
                    context.getBean("builder", RestClient.Builder.class).build();
            ClientHttpResponse response = client.get().uri("http://orders/half").exchange((request, r) -> r, false);
            InputStream body = response.getBody();
            assertThat(body.readNBytes(2)).hasSize(2);
            CompletableFuture<Void> unused = CompletableFuture.runAsync(pod::sendRestOfBody);
            body.close();
            assertEnded(Outcome.SUCCESS);
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"builder", "simpleBuilder"})
    void answerToHead_hasALengthAndNoBody(String builder) {
        run(context -> {
            context.getBean(builder, RestClient.Builder.class)
                    .build()
                    .head()
                    .uri("http://orders/ok")
                    .retrieve()
                    .body(String.class);
            assertEnded(Outcome.SUCCESS);
        });
    }

    @Test
    void exceptionBeforeSending_endsAsCancelled() {
        application()
                .withUserConfiguration(Clients.class)
                .withBean(LoadBalancerRequestTransformer.class, () -> (request, instance) -> {
                    throw new IllegalStateException("cannot sign");
                })
                .run(context -> {
                    assertThat(catchThrowable(() -> Client.REST_CLIENT.get(context, "/ok")))
                            .hasMessageContaining("cannot sign");
                    assertEnded(Outcome.CANCELLED);
                    assertThat(pod.requests()).isZero();
                });
    }

    @Test
    void choosingWithoutSending_countsNothing() {
        run(context -> {
            assertThat(context.getBean(LoadBalancerClient.class).choose("orders"))
                    .isNotNull();
            assertEnded(Outcome.CANCELLED);
        });
    }

    @ParameterizedTest
    @CsvSource({
        "400, /bad-request, FAILURE",
        "500-502, /broken, SUCCESS",
        "'', /broken, SUCCESS",
        "503, /broken, FAILURE"
    })
    void whichStatusesAreFailures_isConfiguredPerService(String statuses, String path, Outcome expected) {
        application()
                .withUserConfiguration(Clients.class)
                .withPropertyValues("xds-lb.failure-statuses=599", "xds-lb.clients.orders.failure-statuses=" + statuses)
                .run(context -> {
                    assertThat(catchThrowable(() -> Client.REST_CLIENT.get(context, path)))
                            .isNotNull();
                    assertEnded(expected);
                });
    }

    @Test
    void interceptorThatCannotReachSomethingElse_saysNothingAboutTheEndpoint() {
        run(context -> {
            RestClient elsewhere = RestClient.create();
            int nobody = refusing().key().port();
            RestClient client = context.getBean("builder", RestClient.Builder.class)
                    .requestInterceptor((request, body, execution) -> {
                        elsewhere
                                .get()
                                .uri("http://127.0.0.1:" + nobody)
                                .retrieve()
                                .toBodilessEntity();
                        return execution.execute(request, body);
                    })
                    .build();
            assertThat(catchThrowable(() ->
                            client.get().uri("http://orders/ok").retrieve().body(String.class)))
                    .hasRootCauseInstanceOf(ConnectException.class);
            assertEnded(Outcome.CANCELLED);
            assertThat(pod.requests()).isZero();
        });
    }

    @Test
    void interceptorThatThrowsTheStatus_leavesTheEndpointItsFailure() {
        run(context -> {
            RestClient client = context.getBean("builder", RestClient.Builder.class)
                    .requestInterceptor((request, body, execution) -> {
                        ClientHttpResponse response = execution.execute(request, body);
                        if (response.getStatusCode().isError()) {
                            response.close();
                            throw HttpServerErrorException.create(
                                    response.getStatusCode(), "no", response.getHeaders(), new byte[0], null);
                        }
                        return response;
                    })
                    .build();
            assertThat(catchThrowable(() ->
                            client.get().uri("http://orders/broken").retrieve().body(String.class)))
                    .hasMessageContaining("503");
            assertEnded(Outcome.FAILURE);
        });
    }

    @Test
    void interceptorThatIsToldAStatusBySomebodyElse_saysNothing() throws Exception {
        try (TestPod elsewhere = new TestPod()) {
            RestClient token = RestClient.create("http://127.0.0.1:" + elsewhere.port());
            run(context -> {
                RestClient client = context.getBean("builder", RestClient.Builder.class)
                        .requestInterceptor((request, body, execution) -> {
                            token.get().uri("/broken").retrieve().toBodilessEntity();
                            return execution.execute(request, body);
                        })
                        .build();
                assertThat(catchThrowable(() ->
                                client.get().uri("http://orders/ok").retrieve().body(String.class)))
                        .hasMessageContaining("503");
                assertEnded(Outcome.CANCELLED);
                assertThat(pod.requests()).isZero();
            });
        }
    }

    @Test
    void interceptorThatShortensTheBody_leavesASuccess() {
        run(context -> {
            RestClient client = context.getBean("builder", RestClient.Builder.class)
                    .requestInterceptor((request, body, execution) -> {
                        ClientHttpResponse response = execution.execute(request, body);
                        response.getBody().skipNBytes(1); // as who takes off what stands before JSON
                        return response;
                    })
                    .build();
            assertThat(client.get().uri("http://orders/ok").retrieve().body(String.class))
                    .startsWith("od ");
            assertEnded(Outcome.SUCCESS);
        });
    }

    @Test
    void sendingByHandToTheChosenInstance_isNotCounted_whichIsSaidOnce() {
        ListAppender<ILoggingEvent> log = new ListAppender<>();
        log.start();
        Logger logger = (Logger) LoggerFactory.getLogger(UnknownClients.class);
        logger.setLevel(Level.INFO);
        logger.addAppender(log);
        run(context -> {
            LoadBalancerClient client = context.getBean(LoadBalancerClient.class);
            String answer = client.execute("orders", instance -> instance.getHost() + ':' + instance.getPort());
            assertThat(answer).isEqualTo("127.0.0.1:" + pod.port());
            client.execute("orders", instance -> instance.getHost());
            assertEnded(Outcome.CANCELLED);
            logger.detachAppender(log);
            assertThat(log.list).singleElement().satisfies(said -> {
                assertThat(said.getLevel()).isEqualTo(Level.INFO);
                assertThat(said.getFormattedMessage())
                        .startsWith("A request to orders was balanced and is not counted");
            });
        });
    }

    private void run(BlockingTest test) {
        application().withUserConfiguration(Clients.class).run(test::run);
    }

    private interface BlockingTest {
        void run(ApplicationContext context) throws Exception;
    }

    enum Client {
        REST_CLIENT {
            @Override
            String get(ApplicationContext context, String path) {
                return context.getBean("builder", RestClient.Builder.class)
                        .build()
                        .get()
                        .uri("http://orders" + path)
                        .retrieve()
                        .body(String.class);
            }
        },
        REST_TEMPLATE {
            @Override
            String get(ApplicationContext context, String path) {
                return context.getBean(RestTemplate.class).getForObject("http://orders" + path, String.class);
            }
        };

        abstract String get(ApplicationContext context, String path);
    }

    @Configuration(proxyBeanMethods = false)
    static class Clients {
        private static final Duration READ_TIMEOUT = Duration.ofMillis(500);

        @Bean
        @LoadBalanced
        RestClient.Builder builder() {
            JdkClientHttpRequestFactory factory = new JdkClientHttpRequestFactory();
            factory.setReadTimeout(READ_TIMEOUT);
            return RestClient.builder().requestFactory(factory);
        }

        @Bean
        @LoadBalanced
        RestClient.Builder simpleBuilder() {
            return RestClient.builder().requestFactory(new SimpleClientHttpRequestFactory());
        }

        @Bean
        @LoadBalanced
        RestClient.Builder patientBuilder() {
            return RestClient.builder().requestFactory(new JdkClientHttpRequestFactory(HttpClient.newHttpClient()));
        }

        @Bean
        @LoadBalanced
        RestTemplate template() {
            SimpleClientHttpRequestFactory factory = new SimpleClientHttpRequestFactory();
            factory.setReadTimeout(READ_TIMEOUT);
            return new RestTemplate((ClientHttpRequestFactory) factory);
        }
    }
}
