/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.xdslb.load.Outcome;
import java.io.IOException;
import java.net.URI;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.cloud.client.ServiceInstance;
import org.springframework.cloud.client.loadbalancer.CompletionContext;
import org.springframework.cloud.client.loadbalancer.CompletionContext.Status;
import org.springframework.cloud.client.loadbalancer.DefaultRequest;
import org.springframework.cloud.client.loadbalancer.DefaultResponse;
import org.springframework.cloud.client.loadbalancer.EmptyResponse;
import org.springframework.cloud.client.loadbalancer.LoadBalancerClient;
import org.springframework.cloud.client.loadbalancer.ResponseData;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.HttpStatusCode;
import org.springframework.util.LinkedMultiValueMap;

/** Clients that have no place to count requests in: only how a request ended counts. */
class UncountedRequestsTest extends AccountingTest {
    private final UncountedRequests lifecycle = new UncountedRequests();

    @Test
    void requestSentByHand_endsAsItsExceptionSays() {
        application().run(context -> {
            LoadBalancerClient client = context.getBean(LoadBalancerClient.class);
            assertThat(catchThrowable(() -> client.execute("orders", instance -> {
                        throw new IOException("reset");
                    })))
                    .hasMessage("reset");
            assertEnded(Outcome.CONNECTION_FAILURE);
        });
    }

    @Test
    void serverError_isAFailure() {
        application().run(context -> {
            ServiceInstance instance = context.getBean(LoadBalancerClient.class).choose("orders");
            complete(instance, Status.SUCCESS, HttpStatus.BAD_GATEWAY);
            assertEnded(Outcome.FAILURE);
        });
    }

    @Test
    void successOfUnknownKind_isASuccess() {
        application().run(context -> {
            ServiceInstance instance = context.getBean(LoadBalancerClient.class).choose("orders");
            complete(instance, Status.SUCCESS, HttpStatus.OK);
            assertEnded(Outcome.SUCCESS);
        });
    }

    /** Gateway MVC's, for one: a class of its own around ours, which tells nobody what is inside. */
    @Test
    void instanceInsideAnotherOne_isFound() {
        application().run(context -> {
            ServiceInstance instance = context.getBean(LoadBalancerClient.class).choose("orders");
            complete(new Wrapping(new Wrapping(instance)), Status.SUCCESS, HttpStatus.INTERNAL_SERVER_ERROR);
            assertEnded(Outcome.FAILURE);
        });
    }

    @Test
    void metadataOfAWrappedInstance_isItsOwn() {
        application().run(context -> {
            ServiceInstance instance = context.getBean(LoadBalancerClient.class).choose("orders");
            assertThat(new Wrapping(instance).getMetadata())
                    .containsEntry("weight", "1")
                    .isEqualTo(new HashMap<>(instance.getMetadata()));
        });
    }

    @ParameterizedTest
    @CsvSource({"500, FAILURE", "200, SUCCESS", "429, REFUSED", "503, FAILURE"})
    void responseOfAnotherKind_isJudgedByTheStatusThatCanBeSeen(int status, Outcome expected) {
        application().run(context -> {
            ServiceInstance instance = context.getBean(LoadBalancerClient.class).choose("orders");
            lifecycle.onComplete(new CompletionContext<>(
                    Status.SUCCESS,
                    new DefaultRequest<>(),
                    new DefaultResponse(new Wrapping(instance)),
                    new HiddenResponse(HttpStatusCode.valueOf(status), new HttpHeaders())));
            assertThat(load.load().refused()).isEqualTo(expected == Outcome.REFUSED ? 1 : 0);
            assertEnded(expected == Outcome.REFUSED ? Outcome.CANCELLED : expected);
        });
    }

    @Test
    void refusalWithRetryAfter_isOne() {
        application().run(context -> {
            ServiceInstance instance = context.getBean(LoadBalancerClient.class).choose("orders");
            HttpHeaders headers = new HttpHeaders();
            headers.set("Retry-After", "5");
            lifecycle.onComplete(new CompletionContext<>(
                    Status.SUCCESS,
                    new DefaultRequest<>(),
                    new DefaultResponse(instance),
                    new ResponseData(HttpStatus.SERVICE_UNAVAILABLE, headers, new LinkedMultiValueMap<>(), null)));
            assertThat(load.load().refused()).isEqualTo(1);
        });
    }

    @Test
    void responseWithoutAStatus_isNothing() {
        application().run(context -> {
            ServiceInstance instance = context.getBean(LoadBalancerClient.class).choose("orders");
            complete(instance, Status.SUCCESS, null);
            assertEnded(Outcome.CANCELLED);
        });
    }

    @Test
    void discardedOrForeign_isNothing() {
        application().run(context -> {
            ServiceInstance instance = context.getBean(LoadBalancerClient.class).choose("orders");
            complete(instance, Status.DISCARD, HttpStatus.OK);
            lifecycle.onComplete(new CompletionContext<>(Status.DISCARD, new DefaultRequest<>(), new EmptyResponse()));
            lifecycle.onComplete(new CompletionContext<>(Status.FAILED, new DefaultRequest<>()));
            assertEnded(Outcome.CANCELLED);
        });
    }

    private void complete(ServiceInstance instance, Status status, @Nullable HttpStatus answer) {
        lifecycle.onComplete(new CompletionContext<>(
                status,
                new DefaultRequest<>(),
                new DefaultResponse(instance),
                new ResponseData(answer, new HttpHeaders(), new LinkedMultiValueMap<>(), null)));
    }

    /** As Spring's {@code ServerResponse}. */
    public interface SomeResponse {
        HttpStatusCode statusCode();

        HttpHeaders headers();
    }

    private record HiddenResponse(HttpStatusCode statusCode, HttpHeaders headers) implements SomeResponse {}

    private record Wrapping(ServiceInstance hidden) implements ServiceInstance {
        @Override
        public String getServiceId() {
            return hidden.getServiceId();
        }

        @Override
        public String getHost() {
            return hidden.getHost();
        }

        @Override
        public int getPort() {
            return hidden.getPort();
        }

        @Override
        public boolean isSecure() {
            return hidden.isSecure();
        }

        @Override
        public URI getUri() {
            return hidden.getUri();
        }

        @Override
        public Map<String, String> getMetadata() {
            return hidden.getMetadata();
        }
    }
}
