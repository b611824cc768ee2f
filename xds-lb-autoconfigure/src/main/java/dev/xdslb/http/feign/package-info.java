/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
/** Spring Cloud OpenFeign. */
@API(status = API.Status.INTERNAL)
@NullMarked
package dev.xdslb.http.feign;

import org.apiguardian.api.API;
import org.jspecify.annotations.NullMarked;
