/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.kubernetes;

/** What a kubeconfig says cannot be used; the message says what it is, and what is expected. */
public final class UnusableKubeconfigException extends IllegalArgumentException {

    private static final long serialVersionUID = 1;

    UnusableKubeconfigException(String message) {
        super(message);
    }
}
