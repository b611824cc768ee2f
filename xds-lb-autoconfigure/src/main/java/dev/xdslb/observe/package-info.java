/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
/** Seeing inside: health, meters, the actuator's endpoint, and the chosen endpoint in the clients' observations. Reads, and changes nothing. */
@NullMarked
@API(status = API.Status.INTERNAL)
package dev.xdslb.observe;

import org.apiguardian.api.API;
import org.jspecify.annotations.NullMarked;
