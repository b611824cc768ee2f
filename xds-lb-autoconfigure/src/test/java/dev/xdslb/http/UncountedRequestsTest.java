/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.xdslb.load.Outcome;
import java.io.IOException;
import org.junit.jupiter.api.Test;
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

    private void complete(ServiceInstance instance, Status status, HttpStatus answer) {
        lifecycle.onComplete(new CompletionContext<>(
                status,
                new DefaultRequest<>(),
                new DefaultResponse(instance),
                new ResponseData(answer, new HttpHeaders(), new LinkedMultiValueMap<>(), null)));
    }
}
