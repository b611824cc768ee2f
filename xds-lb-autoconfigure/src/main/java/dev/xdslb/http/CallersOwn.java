/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.http;

import java.io.FileNotFoundException;
import java.net.BindException;
import java.nio.file.FileSystemException;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * Exceptions that are the caller's own doing, although they pass through a request to an endpoint: they say nothing about it.
 * Classes of jars that need not be there are known by their names, their superclasses' included, as libraries shade and extend
 * each other; what has no class of its own is known by what operating systems and the JDK say.
 */
final class CallersOwn {
    /** Simple names, because some of these packages are shaded. */
    private static final Set<String> NAMES = Set.of(
            // The caller's own pool of connections is full or closed: Apache 5, Apache 4, reactor-netty
            "ConnectionRequestTimeoutException",
            "ConnectionPoolTimeoutException",
            "PoolAcquireTimeoutException",
            "PoolAcquirePendingLimitException",
            "PoolShutdownException",
            "ConnectionShutdownException",
            // The client of a gateway is gone: Tomcat, Spring MVC
            "ClientAbortException",
            "AsyncRequestNotUsableException",
            "AsyncRequestTimeoutException",
            // The body cannot be written: Spring, Jackson
            "EncodingException",
            "HttpMessageNotWritableException",
            "JsonProcessingException",
            "JacksonException",
            // What limits the caller's own requests: Resilience4j
            "CallNotPermittedException",
            "BulkheadFullException",
            "RequestNotPermitted",
            // A filter called something else: what a RestClient and a RestTemplate throw, Feign, Spring Security
            "RestClientException",
            "FeignException",
            "OAuth2AuthorizationException");

    /** In lower case. */
    private static final List<String> MESSAGES = List.of(
            "too many open files", // EMFILE, ENFILE
            "cannot assign requested address", // EADDRNOTAVAIL, when all local ports are taken; not always a
            // BindException
            "no buffer space available", // ENOBUFS
            "cannot allocate memory", // ENOMEM
            "too many concurrent streams", // of the JDK's HTTP/2 client, which does not wait for one
            "selector manager closed", // the JDK's client was closed
            "executor rejected"); // of OkHttp

    private CallersOwn() {}

    /** Returns whether an exception is one, its causes apart. */
    static boolean is(Throwable failure) {
        return failure instanceof BindException
                || UnknownHost.is(failure) // the endpoint's own name is looked for before
                || failure instanceof RejectedExecutionException
                || failure instanceof FileNotFoundException // of the body, or of what a filter reads
                || failure instanceof FileSystemException
                || hasName(failure.getClass())
                || says(failure.getMessage());
    }

    private static boolean hasName(@Nullable Class<?> type) {
        for (Class<?> next = type; next != null && next != Throwable.class; next = next.getSuperclass()) {
            if (NAMES.contains(next.getSimpleName())) {
                return true;
            }
        }
        return false;
    }

    private static boolean says(@Nullable String message) {
        if (message == null) {
            return false;
        }
        String lower = message.toLowerCase(Locale.ROOT);
        return MESSAGES.stream().anyMatch(lower::contains);
    }
}
