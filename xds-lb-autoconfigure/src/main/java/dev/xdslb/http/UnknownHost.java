/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.http;

import java.net.UnknownHostException;
import java.nio.channels.UnresolvedAddressException;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Exceptions that say that a host name is not known. The endpoint's own name is as dead as an address that nobody listens at; that
 * of a proxy, or of what a filter calls, is the caller's own doing.
 */
final class UnknownHost {
    private UnknownHost() {}

    /** Returns whether an exception is one, its causes apart. */
    static boolean is(Throwable failure) {
        return failure instanceof UnknownHostException || failure instanceof UnresolvedAddressException;
    }

    /**
     * Returns whether an exception is one of the endpoint's host. Where it names none, as that of the JDK's HTTP client, it is the
     * endpoint's if that has a name: the request goes there.
     *
     * @param host of the endpoint, an address or a name; null where nothing is known of it
     */
    static boolean isOf(@Nullable String host, Throwable failure) {
        if (host == null || host.isEmpty() || PodTarget.isAddress(host) || !is(failure)) {
            return false;
        }
        String message = failure.getMessage();
        return message == null || message.isBlank() || names(host, message);
    }

    /** Clients put the name into a sentence of their own; as a part of a longer name it is another one. */
    private static boolean names(String host, String message) {
        return Pattern.compile("(?<![\\w.-])" + Pattern.quote(host) + "(?!\\.?[\\w-])", Pattern.CASE_INSENSITIVE)
                .matcher(message)
                .find();
    }
}
