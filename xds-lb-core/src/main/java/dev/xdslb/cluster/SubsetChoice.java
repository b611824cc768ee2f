/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.cluster;

import static java.util.Objects.requireNonNull;

import org.apiguardian.api.API;
import org.jspecify.annotations.Nullable;

/**
 * Which endpoints a request could go to, by the label that requests are routed by.
 *
 * @param label the label's name
 * @param from where in the request its value is
 * @param asked the value that the request has, null where it has none
 * @param way what came of it
 * @param used the value of the endpoints that the request could go to, empty where it was not one value's
 */
@API(status = API.Status.STABLE)
public record SubsetChoice(
        String label, String from, @Nullable String asked, Way way, String used) {

    public SubsetChoice {
        requireNonNull(label, "label");
        requireNonNull(from, "from");
        requireNonNull(way, "way");
        requireNonNull(used, "used");
    }

    /** What came of the value that a request asked for. */
    public enum Way {
        /** There are endpoints with it. */
        ASKED,
        /** There are none, or the request has none, and it may go anywhere. */
        ANY,
        /** There are none, or the request has none, and it goes to the endpoints of the value that is set for this case. */
        OTHER_VALUE,
        /** There are none, or the request has none, and it fails. */
        NONE
    }

    @Override
    public String toString() {
        String subject = asked == null
                ? from + " has no value of " + label
                : label + '=' + asked + " (from " + from + ')' + (way == Way.ASKED ? "" : " matches no endpoint");
        return switch (way) {
            case ASKED -> subject;
            case ANY -> subject + ", so any endpoint may be picked";
            case OTHER_VALUE -> subject + ", so " + label + '=' + used + " is used";
            case NONE -> subject + ", so no endpoint may be picked";
        };
    }
}
