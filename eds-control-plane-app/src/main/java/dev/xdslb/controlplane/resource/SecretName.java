/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.resource;

/** The name of an SDS resource: {@code <namespace>/<name>} of the Secret that it is made of. */
final class SecretName {
    private SecretName() {}

    static String of(String namespace, String name) {
        return namespace + "/" + name;
    }
}
