/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import dev.xdslb.TestPod;
import dev.xdslb.load.Outcome;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.springframework.cloud.client.loadbalancer.LoadBalanced;
import org.springframework.cloud.client.loadbalancer.LoadBalancerClient;
import org.springframework.cloud.client.loadbalancer.reactive.LoadBalancerClientRequestTransformer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.DataBufferUtils;
import org.springframework.http.HttpStatus;
import org.springframework.http.client.reactive.ReactorClientHttpConnector;
import org.springframework.web.reactive.function.client.ClientRequest;
import org.springframework.web.reactive.function.client.ClientResponse;
import org.springframework.web.reactive.function.client.ExchangeFilterFunction;
import org.springframework.web.reactive.function.client.WebClient;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.netty.http.client.HttpClient;

/** How the requests of WebClient are counted. */
class WebClientAccountingTest extends AccountingTest {

    @Test
    void success_endsAsSuccess() {
        run(client -> {
            assertThat(get(client, "/ok").block()).isEqualTo("pod " + pod.port());
            assertEnded(Outcome.SUCCESS);
        });
    }

    @Test
    void bodilessEntity_endsAsSuccess() {
        run(client -> {
            client.get().uri("http://orders/ok").retrieve().toBodilessEntity().block();
            assertEnded(Outcome.SUCCESS);
        });
    }

    @Test
    void callersMistake_endsAsSuccess() {
        run(client -> {
            assertThat(catchThrowable(() -> get(client, "/bad-request").block()))
                    .hasMessageContaining("400");
            assertEnded(Outcome.SUCCESS);
        });
    }

    @Test
    void serverError_endsAsFailure() {
        run(client -> {
            assertThat(catchThrowable(() -> get(client, "/broken").block())).hasMessageContaining("503");
            assertEnded(Outcome.FAILURE);
        });
    }

    @Test
    void refusedConnection_endsAsConnectionFailure() throws Exception {
        source.publish("orders.shop", refusing());
        run(client -> {
            Throwable failure = catchThrowable(() -> get(client, "/ok").block());
            assertThat(HttpOutcomes.of(failure, "127.0.0.1")).isEqualTo(Outcome.CONNECTION_FAILURE);
            assertEnded(Outcome.CONNECTION_FAILURE);
        });
    }

    @Test
    void connectionLostWithinTheBody_endsAsConnectionFailure() {
        run(client -> {
            Throwable failure = catchThrowable(() -> get(client, "/reset").block());
            assertThat(HttpOutcomes.of(failure, "127.0.0.1")).isEqualTo(Outcome.CONNECTION_FAILURE);
            assertEnded(Outcome.CONNECTION_FAILURE);
        });
    }

    @Test
    void readTimeout_endsAsFailure() {
        run(client -> {
            Throwable failure = catchThrowable(() -> get(client, "/hang").block());
            assertThat(HttpOutcomes.of(failure, "127.0.0.1")).isEqualTo(Outcome.FAILURE);
            assertEnded(Outcome.FAILURE);
        });
    }

    @Test
    void timeoutOfTheCaller_endsAsCancelled() {
        run(client -> {
            assertThat(catchThrowable(() ->
                            get(client, "/hang").timeout(Duration.ofMillis(100)).block()))
                    .hasMessageContaining("100ms");
            assertEnded(Outcome.CANCELLED);
        });
    }

    @Test
    void cancelledSubscription_endsAsCancelled() {
        run(client -> {
            Disposable subscription = get(client, "/hang").subscribe();
            awaitInFlight(1);
            subscription.dispose();
            assertEnded(Outcome.CANCELLED);
        });
    }

    @Test
    void subscribedTwice_countsTwice() {
        run(client -> {
            Mono<String> answer = get(client, "/ok");
            answer.block();
            answer.block();
            assertEnded(Outcome.SUCCESS);
            assertThat(pod.requests()).isEqualTo(2);
        });
    }

    @Test
    void notSubscribed_countsNothing() {
        run(client -> {
            Mono<String> unused = get(client, "/ok");
            get(client, "/ok").block();
            assertEnded(Outcome.SUCCESS);
        });
    }

    @Test
    void countsUntilTheEndOfTheBody() {
        run(client -> {
            CountDownLatch firstHalf = new CountDownLatch(1);
            Mono<Void> reading = client.get()
                    .uri("http://orders/half")
                    .retrieve()
                    .bodyToFlux(DataBuffer.class)
                    .doOnNext(buffer -> {
                        assertThat(buffer.toString(StandardCharsets.UTF_8)).isNotEmpty();
                        DataBufferUtils.release(buffer);
                        firstHalf.countDown();
                    })
                    .then();
            Disposable subscription = reading.subscribe();
            assertThat(firstHalf.await(5, TimeUnit.SECONDS)).isTrue();
            assertThat(load.load().inFlight()).isEqualTo(1);
            pod.sendRestOfBody();
            assertEnded(Outcome.SUCCESS);
            assertThat(subscription.isDisposed()).isTrue();
        });
    }

    @Test
    void callerThatStopsReadingAGoodAnswer_endsAsSuccess() {
        run(client -> {
            DataBuffer first = client.get()
                    .uri("http://orders/half")
                    .retrieve()
                    .bodyToFlux(DataBuffer.class)
                    .next()
                    .block();
            DataBufferUtils.release(first);
            assertEnded(Outcome.SUCCESS);
        });
    }

    @Test
    void exceptionBeforeSending_countsNothing() {
        application()
                .withUserConfiguration(Clients.class)
                .withBean(LoadBalancerClientRequestTransformer.class, () -> (request, instance) -> {
                    throw new IllegalStateException("cannot sign");
                })
                .run(context -> {
                    WebClient client = context.getBean(WebClient.Builder.class).build();
                    assertThat(catchThrowable(() -> get(client, "/ok").block())).hasMessageContaining("cannot sign");
                    assertEnded(Outcome.CANCELLED);
                    assertThat(pod.requests()).isZero();
                });
    }

    @Test
    void retriedByReactor_countsEachAttempt() {
        run(client -> {
            assertThat(catchThrowable(() -> get(client, "/broken").retry(2).block()))
                    .hasMessageContaining("503");
            assertThat(pod.requests()).isEqualTo(3);
            assertThat(load.load().inFlight()).isZero();
            assertThat(load.load().consecutiveFailures()).isEqualTo(4); // and the one that was there before
        });
    }

    @Test
    void retriedBySpringCloud_countsEachAttempt() {
        application()
                .withUserConfiguration(Clients.class)
                .withPropertyValues(
                        "spring.cloud.loadbalancer.retry.enabled=true",
                        "spring.cloud.loadbalancer.retry.max-retries-on-next-service-instance=1",
                        "spring.cloud.loadbalancer.retry.retryable-status-codes=503")
                .run(context -> {
                    WebClient client = context.getBean(WebClient.Builder.class).build();
                    assertThat(catchThrowable(() -> get(client, "/broken").block()))
                            .isNotNull();
                    assertThat(pod.requests()).isEqualTo(2);
                    awaitInFlight(0);
                    assertThat(load.load().consecutiveFailures()).isEqualTo(3);
                });
    }

    @Test
    void head_endsAsSuccess() {
        run(client -> {
            client.head().uri("http://orders/ok").retrieve().toBodilessEntity().block();
            assertEnded(Outcome.SUCCESS);
        });
    }

    @Test
    void exchanges_endWithTheBody_alsoWhereNobodyWantsIt() {
        run(client -> {
            assertThat(client.get()
                            .uri("http://orders/ok")
                            .exchangeToFlux(response -> response.bodyToFlux(String.class))
                            .blockLast())
                    .startsWith("pod ");
            assertEnded(Outcome.SUCCESS);
            assertThat(client.get()
                            .uri("http://orders/broken")
                            .exchangeToMono(response -> Mono.just(response.statusCode()))
                            .block())
                    .isEqualTo(HttpStatus.SERVICE_UNAVAILABLE);
            awaitInFlight(0);
            assertThat(load.load().consecutiveFailures()).isEqualTo(1); // the first since the success
            assertThat(client.get()
                            .uri("http://orders/ok")
                            .exchangeToMono(response -> response.releaseBody().thenReturn("released"))
                            .block())
                    .isEqualTo("released");
            assertEnded(Outcome.SUCCESS);
        });
    }

    @Test
    void bodyThatIsReadLate_countsUntilThen() {
        run(client -> {
            Sinks.Empty<Void> later = Sinks.empty();
            CompletableFuture<String> answer = client.get()
                    .uri("http://orders/ok")
                    .exchangeToMono(response -> later.asMono().then(response.bodyToMono(String.class)))
                    .toFuture();
            await().until(() -> pod.requests() == 1);
            assertThat(load.load().inFlight()).isEqualTo(1);
            later.tryEmitEmpty();
            assertThat(answer.get(10, TimeUnit.SECONDS)).startsWith("pod ");
            assertEnded(Outcome.SUCCESS);
        });
    }

    @Test
    void bodyThatIsNeverRead_countsUntilTheSubscriberCancels() {
        run(client -> {
            CountDownLatch answered = new CountDownLatch(1);
            Disposable subscription = client.get()
                    .uri("http://orders/ok")
                    .exchangeToMono(response -> {
                        answered.countDown();
                        return Mono.never();
                    })
                    .subscribe();
            assertThat(answered.await(10, TimeUnit.SECONDS)).isTrue();
            awaitInFlight(1);
            subscription.dispose();
            assertEnded(Outcome.SUCCESS);
        });
    }

    @Test
    void exceptionInTheReader_leavesAnAnswer() {
        run(client -> {
            assertThat(catchThrowable(() -> client.get()
                            .uri("http://orders/ok")
                            .exchangeToMono(response -> Mono.<String>error(new IllegalStateException("no reader")))
                            .block()))
                    .hasMessageContaining("no reader");
            assertEnded(Outcome.SUCCESS);
        });
    }

    @Test
    void filterOfTheApplication_thatThrows_saysNothing() {
        withFilter((request, next) -> Mono.error(new IllegalStateException("cannot sign")), client -> {
            assertThat(catchThrowable(() -> get(client, "/ok").block())).hasMessageContaining("cannot sign");
            assertEnded(Outcome.CANCELLED);
            assertThat(pod.requests()).isZero();
        });
    }

    @Test
    void filterOfTheApplication_thatAnswers_saysNothing() {
        withFilter(
                (request, next) -> Mono.just(ClientResponse.create(HttpStatus.SERVICE_UNAVAILABLE)
                        .body("from a cache")
                        .build()),
                client -> {
                    assertThat(catchThrowable(() -> get(client, "/ok").block())).hasMessageContaining("503");
                    assertEnded(Outcome.CANCELLED);
                    assertThat(pod.requests()).isZero();
                });
    }

    @Test
    void filterOfTheApplication_thatRetriesWithin_isOneRequest() {
        withFilter(
                (request, next) -> next.exchange(request)
                        .flatMap(response -> response.releaseBody().then(next.exchange(request))),
                client -> {
                    assertThat(get(client, "/ok").block()).startsWith("pod ");
                    assertEnded(Outcome.SUCCESS);
                    assertThat(pod.requests()).isEqualTo(2);
                });
    }

    @Test
    void filterOfTheApplication_thatRaisesTheStatus_leavesTheEndpointItsFailure() {
        withFilter(
                ExchangeFilterFunction.ofResponseProcessor(
                        response -> response.statusCode().isError()
                                ? response.createException().flatMap(Mono::error)
                                : Mono.just(response)),
                client -> {
                    assertThat(catchThrowable(() -> get(client, "/broken").block()))
                            .hasMessageContaining("503");
                    assertEnded(Outcome.FAILURE);
                });
    }

    @Test
    void filterOfTheApplication_thatIsToldAStatusBySomebodyElse_saysNothing() throws Exception {
        try (TestPod elsewhere = new TestPod()) {
            WebClient token = WebClient.create("http://127.0.0.1:" + elsewhere.port());
            withFilter(
                    (request, next) -> token.get()
                            .uri("/broken")
                            .retrieve()
                            .toBodilessEntity()
                            .then(next.exchange(request)),
                    client -> {
                        assertThat(catchThrowable(() -> get(client, "/ok").block()))
                                .hasMessageContaining("503");
                        assertEnded(Outcome.CANCELLED);
                        assertThat(pod.requests()).isZero();
                    });
        }
    }

    @Test
    void filterOfTheApplication_thatShortensTheBody_leavesASuccess() {
        withFilter(
                (request, next) -> next.exchange(request)
                        .map(response -> response.mutate().body("p").build()),
                client -> {
                    assertThat(get(client, "/ok").block()).isEqualTo("p");
                    assertEnded(Outcome.SUCCESS);
                });
    }

    @Test
    void filterOfTheApplication_thatMakesTheRequestAnew_isCountedAllTheSame() {
        withFilter(
                (request, next) -> next.exchange(ClientRequest.create(request.method(), request.url())
                        .headers(headers -> headers.addAll(request.headers()))
                        .body(request.body())
                        .build()),
                client -> {
                    assertThat(catchThrowable(() -> get(client, "/broken").block()))
                            .hasMessageContaining("503");
                    assertEnded(Outcome.FAILURE);
                });
    }

    /** Behind the balancer's filter: sees the pod's address. */
    private void withFilter(ExchangeFilterFunction filter, WebClientTest test) {
        application().withUserConfiguration(Clients.class).run(context -> {
            context.getBean(LoadBalancerClient.class).choose("orders"); // so that there is a load to look at
            test.run(context.getBean(WebClient.Builder.class)
                    .clone()
                    .filter(filter)
                    .build());
        });
    }

    private void run(WebClientTest test) {
        application().withUserConfiguration(Clients.class).run(context -> {
            context.getBean(LoadBalancerClient.class).choose("orders"); // so that there is a load to look at
            test.run(context.getBean(WebClient.Builder.class).build());
        });
    }

    private static Mono<String> get(WebClient client, String path) {
        return client.get().uri("http://orders" + path).retrieve().bodyToMono(String.class);
    }

    private interface WebClientTest {
        void run(WebClient client) throws Exception;
    }

    @Configuration(proxyBeanMethods = false)
    static class Clients {
        @Bean
        @LoadBalanced
        WebClient.Builder builder() {
            HttpClient netty = HttpClient.create().responseTimeout(Duration.ofMillis(500));
            return WebClient.builder().clientConnector(new ReactorClientHttpConnector(netty));
        }
    }
}
