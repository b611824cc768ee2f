/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.sample.backend;

/**
 * The body of an answer over HTTP.
 *
 * @param id the order that was asked for
 * @param pod the pod that answers
 */
record OrderAnswer(String id, String pod) {}
