/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.strategy;

import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A key that the configuration names.
 *
 * @param name of the header or cookie, empty for the path
 */
record AttributeKey(Source source, String name) implements RequestKey {
    private static final String EXPECTED = "header:<name>, metadata:<name>, cookie:<name> or path";

    /** What gRPC allows in the name of a metadata entry, in either case; HTTP allows it too. */
    private static final Pattern HEADER_NAME = Pattern.compile("[0-9A-Za-z_.-]+");

    /** RFC 6265, section 4.1.1: a token as in HTTP. */
    private static final Pattern COOKIE_NAME = Pattern.compile("[!#$%&'*+.^_`|~0-9A-Za-z-]+");

    /** What ends the name of a gRPC metadata entry whose value is no text. */
    private static final String BINARY_SUFFIX = "-bin";

    static AttributeKey parse(String text) {
        if (text.equals("path")) {
            return new AttributeKey(Source.PATH, "");
        }
        int colon = text.indexOf(':');
        String name = text.substring(colon + 1);
        return switch (colon < 0 ? "" : text.substring(0, colon)) {
            case "header", "metadata" -> {
                if (!HEADER_NAME.matcher(name).matches()
                        || name.toLowerCase(Locale.ROOT).endsWith(BINARY_SUFFIX)) {
                    throw new IllegalArgumentException(
                            "key: \"" + text + "\" (expected: a name of letters, digits, '-', "
                                    + "'_' and '.', that does not end in \"" + BINARY_SUFFIX + "\")");
                }
                yield new AttributeKey(Source.HEADER, name);
            }
            case "cookie" -> {
                if (!COOKIE_NAME.matcher(name).matches()) {
                    throw new IllegalArgumentException("key: \"" + text + "\" (expected: the name of a cookie)");
                }
                yield new AttributeKey(Source.COOKIE, name);
            }
            default -> throw new IllegalArgumentException("key: \"" + text + "\" (expected: " + EXPECTED + ")");
        };
    }

    @Override
    public @Nullable String of(RequestAttributes request) {
        String value = switch (source) {
            case HEADER -> request.header(name);
            case COOKIE -> request.cookie(name);
            case PATH -> request.path();
        };
        return value == null || value.isEmpty() ? null : value;
    }

    @Override
    public String toString() {
        return source == Source.PATH ? "path" : (source == Source.HEADER ? "header:" : "cookie:") + name;
    }

    /** Where the value is. */
    enum Source {
        HEADER,
        COOKIE,
        PATH
    }
}
