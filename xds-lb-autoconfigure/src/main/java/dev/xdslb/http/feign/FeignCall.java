/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.http.feign;

import dev.xdslb.http.CountedRequest;
import dev.xdslb.http.PodTarget;
import dev.xdslb.springcloud.PickedServiceInstance;
import feign.Response;
import java.io.IOException;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;

/**
 * One call of a Feign client, and the attempt that it is at. What balances the call, and what is told of its attempts, lies somewhere
 * inside the client, behind whatever the application has put around it; it runs on the thread of the call.
 *
 * <p>Used by that thread only, until the call has returned.
 */
final class FeignCall {
    private static final ThreadLocal<FeignCall> CURRENT = new ThreadLocal<>();

    private @Nullable CountedRequest attempt; // null - none went out
    private boolean answered; // whether that attempt was

    /** Returns the call that this thread is in, null where it is in none. */
    static @Nullable FeignCall current() {
        return CURRENT.get();
    }

    /** Makes a call, and counts what goes out within it. A call within a call is one of its own. */
    Response run(Callable<Response> call) throws Exception {
        FeignCall outer = CURRENT.get();
        PodTarget outerTarget = PodTarget.replace(null);
        CURRENT.set(this);
        try {
            return counted(call.call());
        } catch (IOException e) {
            failed(e);
            PodTarget target = PodTarget.current();
            throw target == null ? e : target.explained(e);
        } catch (Throwable e) {
            failed(e);
            throw e;
        } finally {
            PodTarget.replace(outerTarget);
            if (outer == null) {
                CURRENT.remove();
            } else {
                CURRENT.set(outer);
            }
        }
    }

    /**
     * Begins an attempt; the one before was dropped.
     *
     * @param instance null where another balancer has chosen it
     * @param target null where nobody will ask for it
     */
    void sent(@Nullable PickedServiceInstance instance, @Nullable PodTarget target) {
        PodTarget.replace(target);
        if (attempt != null) {
            attempt.closed();
        }
        attempt = instance == null ? null : CountedRequest.to(instance);
        answered = false;
    }

    void answered(int status, HttpHeaders headers, boolean hasBody) {
        if (attempt == null) {
            return;
        }
        answered = true;
        if (hasBody) {
            attempt.answered(status, headers);
        } else {
            attempt.answeredWithoutBody(status, headers);
        }
    }

    void failed(Throwable failure) {
        if (attempt == null) {
            return;
        }
        if (answered) {
            attempt.closed(); // what is thrown after an answer is somebody's opinion of it
        } else {
            attempt.failed(failure);
        }
    }

    /** Lets the attempt end with the body of its answer. */
    private Response counted(Response response) {
        CountedRequest last = attempt;
        if (last == null) {
            return response;
        }
        if (response.body() == null) {
            last.closed();
            return response;
        }
        return response.toBuilder()
                .body(new CountedResponseBody(response.body(), last))
                .build();
    }
}
