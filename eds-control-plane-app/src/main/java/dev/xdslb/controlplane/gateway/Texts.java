/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.gateway;

import java.util.regex.Pattern;

/** What texts of others may be like where Envoy refuses everything for one that is not. */
final class Texts {
    private static final int SHOWN = 100;
    private static final Pattern TOKEN = Pattern.compile("[A-Za-z0-9!#$%&'*+\\-.^_`|~]{1,256}"); // RFC 9110, 5.6.2

    private Texts() {}

    /** Returns a text for people, shortened. */
    static String shown(String text) {
        String printable = text.replaceAll("\\p{Cntrl}", "?");
        return printable.length() <= SHOWN
                ? printable
                : printable.substring(0, SHOWN) + "… (" + text.length() + " characters)";
    }

    /** Returns whether it is the name of a header, or of a query parameter of the Gateway API. */
    static boolean isToken(String text) {
        return TOKEN.matcher(text).matches();
    }

    /** Returns whether it may stand in a header. */
    static boolean isHeaderValue(String text) {
        return text.length() <= RegularExpression.MAX_LENGTH
                && text.chars().noneMatch(c -> (c < ' ' && c != '\t') || c == 127);
    }
}
