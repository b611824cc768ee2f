/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.cluster;

import static java.util.Objects.requireNonNull;

import org.apiguardian.api.API;

/**
 * Something that fails at present.
 *
 * @param what what was done, such as {@code orders.shop:8080: strategy "mine"}
 * @param error the last failure
 * @param times how often it has failed since it last worked, at least 1
 */
@API(status = API.Status.STABLE)
public record Fault(String what, String error, long times) {

    public Fault {
        requireNonNull(what, "what");
        requireNonNull(error, "error");
    }
}
