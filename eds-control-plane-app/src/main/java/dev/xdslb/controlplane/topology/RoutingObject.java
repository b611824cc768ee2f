/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.topology;

/**
 * An object that says how requests from outside come to the services. The topology keeps it with the others of its
 * Kubernetes cluster and tells of its changes; what it means, others know.
 */
public non-sealed interface RoutingObject extends TopologyObject {}
