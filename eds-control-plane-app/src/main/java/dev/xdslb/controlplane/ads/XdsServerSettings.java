/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.ads;

import dev.xdslb.controlplane.ads.ClientVariant.Family;
import java.time.Duration;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What an operator decides about the xDS port.
 *
 * @param address of this machine to listen on; all of them when null or blank
 * @param port 0 for any free one
 * @param trusted the kinds of clients that, when they reconnect, are not sent again what they say they hold
 * @param newStreamsPerSecond how many streams begin, of all clients together, and ten times as many as on one
 *     connection; 0 for no limit
 * @param requestsPerSecond how many requests of one stream are taken; 0 for no limit
 * @param maxConnectionAge after which a connection is ended, give or take 10%, so that clients spread over replicas that
 *     come and go
 * @param clientStatus who may ask what other clients were told (CSDS)
 * @param drain in which all streams are ended at shutdown, if there are many
 */
public record XdsServerSettings(
        @Nullable String address,
        int port,
        Set<Family> trusted,
        int newStreamsPerSecond,
        int requestsPerSecond,
        Duration maxConnectionAge,
        ClientStatusAccess clientStatus,
        Duration drain) {

    /** Who may ask what other clients were told. */
    public enum ClientStatusAccess {
        /** Nobody: the service is not there. */
        NONE,
        /** Who is on this machine, as by {@code kubectl port-forward}, and is no proxy that says so. */
        LOCAL,
        /** Everybody who reaches the port. */
        ALL
    }

    /** Source: Istio. */
    private static final Duration MAX_CONNECTION_AGE = Duration.ofMinutes(30);

    private static final Duration DRAIN = Duration.ofSeconds(10);

    public XdsServerSettings {
        trusted = Set.copyOf(trusted);
    }

    /** Returns settings of which the rest is as delivered. */
    public XdsServerSettings(@Nullable String address, int port, Set<Family> trusted) {
        this(
                address,
                port,
                trusted,
                AdsSettings.NEW_STREAMS_PER_SECOND,
                AdsSettings.REQUESTS_PER_SECOND,
                MAX_CONNECTION_AGE,
                ClientStatusAccess.LOCAL,
                DRAIN);
    }
}
