/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import dev.xdslb.http.feign.CountedFeignClient;
import dev.xdslb.http.feign.FeignAttempts;
import dev.xdslb.load.Outcome;
import feign.Client;
import feign.Request;
import feign.Response;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.cloud.client.ServiceInstance;
import org.springframework.cloud.client.loadbalancer.CompletionContext;
import org.springframework.cloud.client.loadbalancer.DefaultRequest;
import org.springframework.cloud.client.loadbalancer.DefaultResponse;
import org.springframework.cloud.client.loadbalancer.EmptyResponse;
import org.springframework.cloud.client.loadbalancer.LoadBalanced;
import org.springframework.cloud.client.loadbalancer.LoadBalancerClient;
import org.springframework.cloud.client.loadbalancer.RequestData;
import org.springframework.cloud.client.loadbalancer.ResponseData;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.HttpStatusCode;
import org.springframework.web.client.RestClient;

/** What Spring Cloud's two clients of Feign tell, played by the order in which they tell it. */
class FeignAttemptsTest extends AccountingTest {
    private final FeignAttempts lifecycle = new FeignAttempts(id -> ServiceConnection.DEFAULT);
    private final Request get = request(Request.HttpMethod.GET);

    @Test
    void answer_countsUntilItsBodyWasRead() {
        application().run(context -> {
            Response response = counted(new Balanced(context, () -> ok("body"))).execute(get, options());
            awaitInFlight(1);
            InputStream body = response.body().asInputStream();
            assertThat(body.readNBytes(3)).hasSize(3);
            assertThat(load.load().inFlight()).isEqualTo(1);
            assertThat(body.readAllBytes()).asString().isEqualTo("y");
            assertEnded(Outcome.SUCCESS);
            response.close();
        });
    }

    /** By which a decoder that throws, one that reads nothing, and an error decoder end. */
    @ParameterizedTest
    @EnumSource
    void closing_ends(HowMuchIsRead read) {
        application().run(context -> {
            Response response = counted(new Balanced(context, () -> ok("body"))).execute(get, options());
            if (read == HowMuchIsRead.SOME) {
                assertThat(response.body().asInputStream().read()).isEqualTo('b');
            }
            response.close();
            assertEnded(Outcome.SUCCESS);
        });
    }

    enum HowMuchIsRead {
        NOTHING,
        SOME
    }

    @Test
    void serverErrorWhoseBodyNobodyReads_isAFailure() {
        application().run(context -> {
            counted(new Balanced(context, () -> answer(503, "busy")))
                    .execute(get, options())
                    .close();
            assertEnded(Outcome.FAILURE);
        });
    }

    @Test
    void resetWithinTheBody_isAConnectionFailure() {
        application().run(context -> {
            Response response = counted(new Balanced(
                            context,
                            () -> withBody(new InputStream() {
                                @Override
                                public int read() throws IOException {
                                    throw new SocketException("Connection reset");
                                }

                                @Override
                                public int read(byte[] buffer, int offset, int length) throws IOException {
                                    return read();
                                }
                            })))
                    .execute(get, options());
            assertThat(catchThrowable(() ->
                            response.body().asReader(StandardCharsets.UTF_8).read()))
                    .hasMessage("Connection reset");
            assertEnded(Outcome.CONNECTION_FAILURE);
        });
    }

    @Test
    void eachAttemptOfARetry_isCounted() {
        application().run(context -> {
            Client retrying = new Balanced(
                    context,
                    () -> {
                        throw new ConnectException("refused");
                    },
                    () -> answer(503, "busy"),
                    () -> ok("body"));
            Response response = counted(retrying).execute(get, options());
            assertThat(load.load().failed()).isEqualTo(1 + 2); // one is the watcher's
            assertThat(load.load().inFlight()).isEqualTo(1);
            response.close();
            assertEnded(Outcome.SUCCESS);
        });
    }

    @Test
    void lastAttempt_failsAsItsExceptionSays_whateverItIsWrappedInto() {
        application().run(context -> {
            Client inner = new Balanced(context, () -> {
                throw new ConnectException("refused");
            });
            Client wrapping = (request, options) -> {
                try {
                    return inner.execute(request, options);
                } catch (IOException e) {
                    throw new IllegalStateException("of a wrapper", e);
                }
            };
            assertThat(catchThrowable(() -> counted(wrapping).execute(get, options())))
                    .hasMessage("of a wrapper");
            assertEnded(Outcome.CONNECTION_FAILURE);
        });
    }

    @Test
    void wrapperThatThrowsAfterTheAnswer_leavesItAnswered() {
        application().run(context -> {
            Client inner = new Balanced(context, () -> ok("body"));
            Client wrapping = (request, options) -> {
                inner.execute(request, options);
                throw new IOException("the wrapper's opinion");
            };
            assertThat(catchThrowable(() -> counted(wrapping).execute(get, options())))
                    .hasMessage("the wrapper's opinion");
            assertEnded(Outcome.SUCCESS);
        });
    }

    @Test
    void wrapperThatPutsAnotherAnswerInItsPlace_endsWithThatOne() {
        application().run(context -> {
            Client inner = new Balanced(context, () -> ok("body"));
            Client wrapping = (request, options) -> {
                try (Response dropped = inner.execute(request, options)) {
                    return dropped.toBuilder()
                            .body("cached", StandardCharsets.UTF_8)
                            .build();
                }
            };
            counted(wrapping).execute(get, options()).close();
            assertEnded(Outcome.SUCCESS);
        });
    }

    @Test
    void errorOfTheApplication_saysNothing() {
        application().run(context -> {
            Client inner = new Balanced(context, () -> {
                throw new StackOverflowError();
            });
            assertThat(catchThrowable(() -> counted(inner).execute(get, options())))
                    .isInstanceOf(StackOverflowError.class);
            assertEnded(Outcome.CANCELLED);
        });
    }

    @Test
    void answerToHead_hasALengthAndNoBody() {
        application().run(context -> {
            Client inner = new Balanced(
                    context,
                    () -> Response.builder()
                            .status(200)
                            .headers(Map.of("Content-Length", List.of("10")))
                            .request(request(Request.HttpMethod.HEAD))
                            .build());
            counted(inner).execute(request(Request.HttpMethod.HEAD), options());
            assertEnded(Outcome.SUCCESS);
        });
    }

    @Test
    void callWithinACall_isOneOfItsOwn() {
        application().run(context -> {
            Client token = counted(new Balanced(context, () -> answer(500, "no token")));
            Client inner = new Balanced(context, () -> ok("body"));
            Client withToken = (request, options) -> {
                Response response = inner.execute(request, options);
                token.execute(request, options).close();
                return response;
            };
            Response response = counted(withToken).execute(get, options());
            assertThat(load.load().inFlight()).isEqualTo(1);
            assertThat(load.load().failed()).isEqualTo(1 + 1); // one is the watcher's
            response.close();
            assertEnded(Outcome.SUCCESS);
        });
    }

    @Test
    void anotherBalancedClientWithinACall_isCountedOnce() {
        application().withUserConfiguration(Rest.class).run(context -> {
            Client byRestClient = (request, options) -> {
                context.getBean(RestClient.Builder.class)
                        .build()
                        .get()
                        .uri("http://orders/ok")
                        .retrieve()
                        .toBodilessEntity();
                return ok("body");
            };
            counted(byRestClient).execute(get, options()).close();
            assertEnded(Outcome.SUCCESS);
            await().untilAsserted(() -> assertThat(load.load().succeeded()).isEqualTo(1)); // with the tick
        });
    }

    @Test
    void noInstance_isNoAttempt() throws IOException {
        Client nobody = (request, options) -> {
            lifecycle.onStartRequest(new DefaultRequest<>(), new EmptyResponse());
            return answer(503, "no instance");
        };
        Response response = counted(nobody).execute(get, options());
        assertThat(response.status()).isEqualTo(503);
        response.close();
    }

    @Test
    void clientThatIsNotBalanced_isLeftAlone() throws IOException {
        Response plain = ok("body");
        assertThat(counted((request, options) -> plain).execute(get, options())).isSameAs(plain);
    }

    private static Client counted(Client client) {
        return new CountedFeignClient(serviceId -> ServiceConnection.DEFAULT).enrich(client);
    }

    private static Request.Options options() {
        return new Request.Options();
    }

    private static Request request(Request.HttpMethod method) {
        return Request.create(method, "http://orders/x", Map.of(), null, StandardCharsets.UTF_8, null);
    }

    private static Response ok(String body) {
        return answer(200, body);
    }

    private static Response answer(int status, String body) {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        return Response.builder()
                .status(status)
                .headers(Map.of())
                .request(request(Request.HttpMethod.GET))
                .body(new ByteArrayInputStream(bytes), bytes.length)
                .build();
    }

    private static Response withBody(InputStream body) {
        return Response.builder()
                .status(200)
                .headers(Map.of())
                .request(request(Request.HttpMethod.GET))
                .body(body, 100)
                .build();
    }

    /** Tells of each attempt as Spring Cloud's clients do, and tries again after exceptions and server errors. */
    private final class Balanced implements Client {
        private final ApplicationContext context;
        private final Deque<Callable<Response>> answers;

        @SafeVarargs
        @SuppressWarnings("varargs")
        private Balanced(ApplicationContext context, Callable<Response>... answers) {
            this.context = context;
            this.answers = new ArrayDeque<>(List.of(answers));
        }

        @Override
        public Response execute(Request request, Request.Options options) throws IOException {
            while (true) {
                try {
                    Response response = attempt(request);
                    if (response.status() < 500 || answers.isEmpty()) {
                        return response;
                    }
                    response.close();
                } catch (IOException e) {
                    if (answers.isEmpty()) {
                        throw e;
                    }
                }
            }
        }

        private Response attempt(Request request) throws IOException {
            ServiceInstance instance = context.getBean(LoadBalancerClient.class).choose("orders");
            DefaultRequest<Object> lbRequest = new DefaultRequest<>(new Object());
            DefaultResponse chosen = new DefaultResponse(instance);
            lifecycle.onStart(lbRequest);
            lifecycle.onStartRequest(lbRequest, chosen);
            try {
                Response response = answers.remove().call();
                HttpHeaders headers = new HttpHeaders();
                response.headers().forEach((name, values) -> headers.put(name, List.copyOf(values)));
                RequestData sent = new RequestData(
                        HttpMethod.valueOf(request.httpMethod().name()), null, new HttpHeaders(), null, Map.of());
                lifecycle.onComplete(new CompletionContext<>(
                        CompletionContext.Status.SUCCESS,
                        lbRequest,
                        chosen,
                        new ResponseData(HttpStatusCode.valueOf(response.status()), headers, null, sent)));
                return response;
            } catch (IOException e) {
                lifecycle.onComplete(new CompletionContext<>(CompletionContext.Status.FAILED, e, lbRequest, chosen));
                throw e;
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class Rest {
        @Bean
        @LoadBalanced
        RestClient.Builder builder() {
            return RestClient.builder();
        }
    }
}
