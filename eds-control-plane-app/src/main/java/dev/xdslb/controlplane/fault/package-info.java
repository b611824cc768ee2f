/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
/**
 * What keeps one fault from ending more than the work that it is in: boundaries, proofs of life, and the two ways in which
 * work of ours runs, a {@link dev.xdslb.controlplane.fault.Loop} and a
 * {@link dev.xdslb.controlplane.fault.SerialExecutor}. Knows nothing of the rest.
 */
@NullMarked
package dev.xdslb.controlplane.fault;

import org.jspecify.annotations.NullMarked;
