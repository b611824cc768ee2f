/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.gateway;

import static java.util.Objects.requireNonNull;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What all objects of the Gateway API say of themselves.
 *
 * @param namespace empty for an object without one
 * @param generation of the specification that this is; 0 where the object does not say
 * @param created null when the object does not say; then it comes after those that do
 * @param problems what the source could not read; while there is any, the object does not count, and its status says so
 * @param origin where a person finds it; empty for an object of the Kubernetes API
 */
public record Meta(
        String namespace,
        String name,
        long generation,
        @Nullable Instant created,
        List<String> problems,
        String origin) {

    public Meta {
        requireNonNull(namespace, "namespace");
        requireNonNull(name, "name");
        problems = List.copyOf(problems);
        requireNonNull(origin, "origin");
    }
}
