/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.ads;

/** Text that a client has sent, before it is kept, logged or shown: it may be long, and may hold what forges a line of a log. */
final class ClientText {
    /** Of a node's fields, and of a resource's name and version. A pod's node id, and a name with its namespace and port, have less than 300. */
    static final int MAX_CHARS = 1_024;

    private static final int SHOWN_CHARS = 200;

    private ClientText() {}

    /** Returns the same for people: one line, of 200 characters at most, and what is left out is counted. */
    static String shown(String text) {
        StringBuilder shown = new StringBuilder(Math.min(text.length(), SHOWN_CHARS) + 16);
        for (int i = 0; i < text.length() && i < SHOWN_CHARS; i++) {
            char next = text.charAt(i);
            if (Character.isISOControl(next) || next == '\u2028' || next == '\u2029') {
                shown.append(String.format("\\u%04x", (int) next));
            } else {
                shown.append(next);
            }
        }
        int left = text.length() - SHOWN_CHARS;
        if (left > 0) {
            shown.append("… (").append(left).append(" more characters)");
        }
        return shown.toString();
    }

    static boolean isTooLong(String text) {
        return text.length() > MAX_CHARS;
    }
}
