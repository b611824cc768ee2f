/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.observe;

import dev.xdslb.strategy.RequestAttributes;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** A request that somebody describes to learn where it would go. Of a header or cookie that is given twice, the first one counts. */
final class DescribedRequest implements RequestAttributes {
    private final Map<String, String> headers = new TreeMap<>();
    private final Map<String, String> cookies = new TreeMap<>();
    private final String path;

    private DescribedRequest(String path) {
        this.path = path;
    }

    /**
     * Reads a description.
     *
     * @param headers one {@code name:value} or several, null for none
     * @param cookies one {@code name=value} or several, null for none
     * @throws IllegalArgumentException when one is neither; the message says what was given
     */
    static DescribedRequest of(@Nullable Object headers, @Nullable Object cookies, @Nullable String path) {
        DescribedRequest request = new DescribedRequest(path == null ? "" : path);
        for (String header : values(headers)) {
            int colon = split("header", header, ':');
            request.headers.putIfAbsent(
                    header.substring(0, colon).strip().toLowerCase(Locale.ROOT),
                    header.substring(colon + 1).strip());
        }
        for (String cookie : values(cookies)) {
            int sign = split("cookie", cookie, '=');
            request.cookies.putIfAbsent(
                    cookie.substring(0, sign).strip(),
                    cookie.substring(sign + 1).strip());
        }
        if (!request.cookies.isEmpty()) {
            request.headers.putIfAbsent(
                    "cookie",
                    request.cookies.entrySet().stream()
                            .map(entry -> entry.getKey() + '=' + entry.getValue())
                            .collect(Collectors.joining("; ")));
        }
        return request;
    }

    /** What comes once is a text, what comes several times a list of them. */
    private static List<String> values(@Nullable Object given) {
        if (given == null) {
            return List.of();
        }
        List<String> values = new ArrayList<>();
        for (Object value : given instanceof Collection<?> several ? several : List.of(given)) {
            values.add(String.valueOf(value));
        }
        return values;
    }

    private static int split(String what, String given, char separator) {
        int position = given.indexOf(separator);
        if (position <= 0) {
            throw new IllegalArgumentException(what + ": \"" + given + "\" (expected: name" + separator
                    + "value, such as " + what + '=' + (separator == ':' ? "X-Customer:42" : "session=42") + ')');
        }
        return position;
    }

    @Override
    public @Nullable String header(String name) {
        return headers.get(name.toLowerCase(Locale.ROOT));
    }

    @Override
    public String path() {
        return path;
    }
}
