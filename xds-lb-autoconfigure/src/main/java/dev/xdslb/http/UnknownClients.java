/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.http;

import dev.xdslb.springcloud.PickedServiceInstance;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.cloud.client.ServiceInstance;
import org.springframework.cloud.client.loadbalancer.CompletionContext;
import org.springframework.cloud.client.loadbalancer.CompletionContext.Status;
import org.springframework.cloud.client.loadbalancer.LoadBalancerLifecycle;
import org.springframework.cloud.client.loadbalancer.Request;
import org.springframework.cloud.client.loadbalancer.Response;

/**
 * Says once that there is a client whose requests nobody counts. Spring Cloud tells of requests that it balances; but not of the end
 * of each, and not of the body of any, so that nothing is counted by it.
 */
public final class UnknownClients implements LoadBalancerLifecycle<Object, Object, ServiceInstance> {
    private static final Logger log = LoggerFactory.getLogger(UnknownClients.class);

    private final AtomicBoolean said = new AtomicBoolean();

    @Override
    public void onStart(Request<Object> request) {
        // Nothing is known about the endpoint yet.
    }

    @Override
    public void onStartRequest(Request<Object> request, Response<ServiceInstance> response) {
        // Who counts it begins about now.
    }

    @Override
    public void onComplete(CompletionContext<Object, ServiceInstance, Object> completion) {
        if (said.get() || completion.status() == Status.DISCARD) {
            return;
        }
        Response<ServiceInstance> chosen = completion.getLoadBalancerResponse();
        PickedServiceInstance picked = chosen == null ? null : PickedServiceInstance.in(chosen.getServer());
        if (picked != null && !picked.isLeased() && said.compareAndSet(false, true)) {
            log.info(
                    "A request to {} was balanced and is not counted: xds-lb does not know the client that sent it ({}). What"
                            + " other clients measure decides where its requests go; by themselves they neither lower the"
                            + " share of an endpoint that is slow nor leave out one that fails. Use one of the clients in"
                            + " docs/compatibility.md. This is said once.",
                    picked.getServiceId(),
                    clientOf(completion));
        }
    }

    private static String clientOf(CompletionContext<?, ?, ?> completion) {
        Request<?> request = completion.getLoadBalancerRequest();
        return "request " + nameOf(request) + ", response " + nameOf(completion.getClientResponse());
    }

    private static String nameOf(@Nullable Object object) {
        return object == null ? "unknown" : object.getClass().getName();
    }
}
