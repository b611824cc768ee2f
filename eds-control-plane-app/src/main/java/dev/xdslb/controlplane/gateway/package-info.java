/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
/**
 * What objects of the Kubernetes Gateway API mean: which routes are attached to which listeners, in which order they are
 * tried, and what is to be said in their statuses. Pure functions over immutable records; {@code Gateways} applies them
 * as objects come and go.
 */
@NullMarked
package dev.xdslb.controlplane.gateway;

import org.jspecify.annotations.NullMarked;
