/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.observe;

import io.micrometer.common.docs.KeyName;

/** The keys of {@link XdsLbMeter}, and of the clients' observations. */
enum MeterKey implements KeyName {
    /** The cluster, such as {@code orders.shop:8080}. */
    CLUSTER("xds.cluster"),
    /** The zone of the endpoints, {@code none} where they have none. */
    ZONE("xds.zone"),
    /** The pod of an endpoint, {@code none} where there is none. */
    POD("xds.pod"),
    /** An endpoint's address. Of an observation, that of the endpoint which the last attempt of the request went to. */
    ENDPOINT("xds.endpoint"),
    /** How requests ended. */
    OUTCOME("outcome"),
    /** Why picks failed. */
    REASON("reason"),
    /** What became of an update, or of a retry. */
    RESULT("result"),
    /** Where endpoints stand, or clusters get them from. */
    STATE("state");

    /** The value of a key that there is nothing to say for. */
    static final String NONE = "none";

    private final String key;

    MeterKey(String key) {
        this.key = key;
    }

    @Override
    public String asString() {
        return key;
    }

    /** Returns the value, which must not be empty for some registries. */
    static String valueOrNone(String value) {
        return value.isEmpty() ? NONE : value;
    }
}
