/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
/** For tests with a Spring context: services that a test class declares, in place of a control plane. */
@API(status = API.Status.EXPERIMENTAL)
@NullMarked
package dev.xdslb.test.spring;

import org.apiguardian.api.API;
import org.jspecify.annotations.NullMarked;
