/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.ads;

import dev.xdslb.controlplane.ads.ClientVariant.Family;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What an operator decides about the xDS port.
 *
 * @param address of this machine to listen on; all of them when null or blank
 * @param port 0 for any free one
 * @param trusted the kinds of clients that, when they reconnect, are not sent again what they say they hold
 */
public record XdsServerSettings(@Nullable String address, int port, Set<Family> trusted) {

    public XdsServerSettings {
        trusted = Set.copyOf(trusted);
    }
}
