/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
/** A control plane for tests, in their own process. */
@API(status = API.Status.EXPERIMENTAL)
@NullMarked
package dev.xdslb.test.controlplane;

import org.apiguardian.api.API;
import org.jspecify.annotations.NullMarked;
