/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.kubernetes;

import dev.xdslb.controlplane.gateway.GatewayKey;
import dev.xdslb.controlplane.gateway.Gateways;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BooleanSupplier;

/**
 * What is done with the objects of the Gateway API beside watching them.
 *
 * @param gateways what is to be said of them
 * @param synced whether that is known
 * @param writesStatus whether it is written into their statuses
 * @param addresses what the statuses of Gateways say of where they are reached, as IP addresses and host names
 * @param withSecrets the Gateways whose Secrets are read
 * @param signals who counts the writes of statuses
 */
public record GatewayApi(
        Gateways gateways,
        BooleanSupplier synced,
        boolean writesStatus,
        Map<GatewayKey, List<String>> addresses,
        Set<GatewayKey> withSecrets,
        StatusSignals signals) {

    public GatewayApi {
        addresses = Map.copyOf(addresses);
        withSecrets = Set.copyOf(withSecrets);
    }
}
