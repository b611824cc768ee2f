/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.http;

import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.cloud.client.loadbalancer.ResponseData;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatusCode;

/**
 * What can be seen of a response whose kind is not known: Spring Cloud hands on whatever a client makes of one, such as the
 * {@code ServerResponse} of Gateway MVC, whose jar need not be there. A status and headers are looked for by the names that
 * Spring gives them.
 */
final class SeenResponse {
    private static final ClassValue<Accessors> ACCESSORS = new ClassValue<>() {
        @Override
        protected Accessors computeValue(Class<?> type) {
            return new Accessors(
                    accessor(type, HttpStatusCode.class, List.of("statusCode", "getStatusCode")),
                    accessor(type, HttpHeaders.class, List.of("headers", "getHeaders")));
        }
    };

    private SeenResponse() {}

    /** Returns what it says; null where it has no status that can be seen. */
    static @Nullable ResponseHead headOf(Object response) {
        if (response instanceof ResponseData data) {
            HttpStatusCode status = data.getHttpStatus();
            HttpHeaders headers = data.getHeaders();
            return status == null
                    ? null
                    : ResponseHead.of(status.value(), headers == null ? new HttpHeaders() : headers);
        }
        Accessors accessors = ACCESSORS.get(response.getClass());
        if (!(read(accessors.status, response) instanceof HttpStatusCode status)) {
            return null;
        }
        return ResponseHead.of(
                status.value(),
                read(accessors.headers, response) instanceof HttpHeaders headers ? headers : new HttpHeaders());
    }

    private static @Nullable Object read(Optional<Method> accessor, Object response) {
        try {
            return accessor.isEmpty() ? null : accessor.get().invoke(response);
        } catch (ReflectiveOperationException | RuntimeException e) {
            return null; // it cannot be seen
        }
    }

    /** Looks at public types only: an implementation may be hidden where its interface is not. */
    private static Optional<Method> accessor(Class<?> type, Class<?> result, List<String> names) {
        Deque<Class<?>> types = new ArrayDeque<>(List.of(type));
        while (!types.isEmpty()) {
            Class<?> next = types.remove();
            if (Modifier.isPublic(next.getModifiers())) {
                for (Method method : next.getDeclaredMethods()) {
                    if (Modifier.isPublic(method.getModifiers())
                            && method.getParameterCount() == 0
                            && names.contains(method.getName())
                            && result.isAssignableFrom(method.getReturnType())) {
                        return Optional.of(method);
                    }
                }
            }
            types.addAll(List.of(next.getInterfaces()));
            if (next.getSuperclass() != null) {
                types.add(next.getSuperclass());
            }
        }
        return Optional.empty();
    }

    private record Accessors(Optional<Method> status, Optional<Method> headers) {}
}
