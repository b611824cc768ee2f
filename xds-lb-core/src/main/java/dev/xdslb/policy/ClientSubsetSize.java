/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.policy;

import java.time.Duration;

/**
 * How many endpoints a client uses of those that a request may choose among. In {@code auto} it is what gives each endpoint
 * {@value #CLIENTS_PER_ENDPOINT} clients:
 *
 * <pre>
 *   20 × endpoints / clients, at least 20, rounded up to a power of two
 * </pre>
 *
 * <p>Powers of two and no others, so that it changes rarely. What is ranked is nested: a larger subset has all endpoints of the smaller
 * one. It grows at once, because too few clients per endpoint are uneven, and shrinks when a smaller one has been enough by
 * a quarter for a minute: endpoints and clients come and go with each roll-out.
 *
 * <p>Used by one thread at a time.
 */
final class ClientSubsetSize {
    /** With that many clients at random, the loads of endpoints have a standard deviation of 1/√20 = 22%. */
    static final int CLIENTS_PER_ENDPOINT = 20;

    /** With fewer endpoints a failing one would be too much of the subset. As Finagle's least aperture of 12, and a reserve. */
    static final int LEAST = 20;

    /** Fewer endpoints than this are no burden. */
    static final int WORTHWHILE = 100;

    /** By how much it must be enough before it shrinks, and how much more or fewer endpoints it takes to end a subset. */
    private static final double RESERVE = 1.25;

    private static final Duration SHRINKS_AFTER = Duration.ofMinutes(1);

    private int size; // 0 for all
    private boolean shrinking;
    private long shrinkingSince; // nanoseconds of the clock; only where shrinking

    /**
     * Returns how many there are to be.
     *
     * @param endpoints how many there are to choose among
     * @param clients how many clients share them, this one included; 0 where that is not known
     * @param now nanoseconds of the clock
     */
    Answer of(EndpointsPerClient setting, int endpoints, int clients, long now) {
        return switch (setting.mode()) {
            case ALL -> all(Why.OFF);
            case GIVEN -> setting.number() < endpoints ? new Answer(setting.number(), Why.GIVEN) : all(Why.NOT_MORE);
            case AUTO -> automatic(endpoints, clients, now);
        };
    }

    private Answer automatic(int endpoints, int clients, long now) {
        if (endpoints < (size == 0 ? WORTHWHILE : WORTHWHILE / RESERVE)) {
            return all(Why.FEW_ENDPOINTS);
        }
        if (clients < 1) {
            return all(Why.CLIENTS_UNKNOWN);
        }
        double wanted = (double) CLIENTS_PER_ENDPOINT * endpoints / clients;
        int next = rounded(wanted);
        if (next < size && !hasBeenEnough(rounded(wanted * RESERVE) < size, now)) {
            next = size;
        } else if (next >= size) {
            shrinking = false;
        }
        if (next > endpoints / 2.0 * (size == 0 ? 1 : RESERVE)) {
            return all(Why.MORE_THAN_HALF);
        }
        size = next;
        return new Answer(size, Why.AUTOMATIC);
    }

    /** Returns whether a smaller one has been enough for long. */
    private boolean hasBeenEnough(boolean isEnough, long now) {
        if (isEnough && !shrinking) {
            shrinkingSince = now;
        }
        shrinking = isEnough;
        return isEnough && now - shrinkingSince >= SHRINKS_AFTER.toNanos();
    }

    private Answer all(Why why) {
        size = 0;
        shrinking = false;
        return new Answer(0, why);
    }

    private static int rounded(double wanted) {
        if (wanted <= LEAST) {
            return LEAST;
        }
        double atMost = Math.min(wanted, 1 << 30);
        int below = Integer.highestOneBit((int) atMost);
        return below < atMost ? below << 1 : below;
    }

    /**
     * How many, and why.
     *
     * @param size 0 for all
     */
    record Answer(int size, Why why) {}

    /** Why there are so many. */
    enum Why {
        OFF("endpoints-per-client is off"),
        GIVEN("that many are set"),
        NOT_MORE("there are not more than are set"),
        AUTOMATIC("auto: so that each endpoint has about " + CLIENTS_PER_ENDPOINT + " clients, and from " + LEAST
                + " on"),
        FEW_ENDPOINTS("auto: fewer than " + WORTHWHILE + " endpoints"),
        CLIENTS_UNKNOWN("auto: how many clients there are is not known; xds-lb.own-service can name the Kubernetes"
                + " Service whose pods they are, or endpoints-per-client a number"),
        MORE_THAN_HALF("auto: more than half of the endpoints would be needed");

        private final String words;

        Why(String words) {
            this.words = words;
        }

        @Override
        public String toString() {
            return words;
        }
    }
}
