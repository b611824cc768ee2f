/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
/** What it costs a control plane to tell thousands of streams of changes, side by side with other control planes, on the same data. */
@NullMarked
package dev.xdslb.benchmarks.fanout;

import org.jspecify.annotations.NullMarked;
