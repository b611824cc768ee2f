/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.policy;

import static java.util.Objects.requireNonNull;

import org.apiguardian.api.API;

/**
 * How many of a service's endpoints one client uses, and so how many connections it holds. The others are outside its subset. Each
 * client has a subset of its own, so that together they use all.
 *
 * @param mode who decides about the number
 * @param number how many; at least 1 where it is {@linkplain Mode#GIVEN given}, else 0
 */
@API(status = API.Status.EXPERIMENTAL)
public record EndpointsPerClient(Mode mode, int number) {

    /** All. */
    public static final EndpointsPerClient ALL = new EndpointsPerClient(Mode.ALL, 0);

    /** As few as keep the load of the endpoints even, which depends on how many clients there are. */
    public static final EndpointsPerClient AUTO = new EndpointsPerClient(Mode.AUTO, 0);

    public EndpointsPerClient {
        requireNonNull(mode, "mode");
        if (mode == Mode.GIVEN ? number < 1 : number != 0) {
            throw new IllegalArgumentException("number: " + number + " (expected: "
                    + (mode == Mode.GIVEN ? ">= 1" : "0 where none is given") + ')');
        }
    }

    /**
     * Returns a given number.
     *
     * @param number at least 1
     */
    public static EndpointsPerClient of(int number) {
        return new EndpointsPerClient(Mode.GIVEN, number);
    }

    /**
     * Returns what a text says.
     *
     * @param text off, auto, or a number; false is taken for off, which is what YAML makes of it
     * @throws IllegalArgumentException when it is none of these
     */
    public static EndpointsPerClient parse(String text) {
        String word = text.strip();
        if (word.equalsIgnoreCase("off") || word.equalsIgnoreCase("false")) {
            return ALL;
        }
        if (word.equalsIgnoreCase("auto")) {
            return AUTO;
        }
        int number;
        try {
            number = Integer.parseInt(word);
        } catch (NumberFormatException e) {
            number = 0;
        }
        if (number < 1) {
            throw new IllegalArgumentException('"' + text + "\" (expected: off, auto, or a number of 1 or more)");
        }
        return of(number);
    }

    /** Returns it as {@link #parse} reads it. */
    @Override
    public String toString() {
        return switch (mode) {
            case ALL -> "off";
            case AUTO -> "auto";
            case GIVEN -> Integer.toString(number);
        };
    }

    /** Who decides about the number. */
    public enum Mode {
        /** Nobody: each client uses all endpoints. */
        ALL,
        /** The client, by the number of endpoints and of its fellow clients. */
        AUTO,
        /** The configuration. */
        GIVEN
    }
}
