/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.topology;

/** What the addresses of a slice are. */
public enum AddressFamily {
    IPV4,
    IPV6,
    /** Host names: Kubernetes gives them no meaning, and xDS needs IP addresses. */
    FQDN
}
