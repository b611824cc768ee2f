/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.gateway;

import static java.util.Objects.requireNonNull;

import dev.xdslb.controlplane.topology.ObjectId;
import dev.xdslb.controlplane.topology.RoutingObject;

/**
 * A Secret with a certificate.
 *
 * @param type {@code kubernetes.io/tls} is what can be used
 * @param certificateChain of {@code tls.crt}, PEM; empty where there is none
 * @param privateKey of {@code tls.key}, PEM; empty where there is none
 */
public record SecretObject(
        String namespace, String name, String type, String certificateChain, String privateKey, String origin)
        implements RoutingObject {

    public SecretObject {
        requireNonNull(namespace, "namespace");
        requireNonNull(name, "name");
        requireNonNull(type, "type");
        requireNonNull(certificateChain, "certificateChain");
        requireNonNull(privateKey, "privateKey");
        requireNonNull(origin, "origin");
    }

    @Override
    public ObjectId id() {
        return new ObjectId(ObjectId.Kind.SECRET, namespace, name);
    }

    /** Without what is in it. */
    @Override
    public String toString() {
        return "Secret " + namespace + "/" + name;
    }
}
