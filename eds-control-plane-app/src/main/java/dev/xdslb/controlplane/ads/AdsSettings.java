/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.ads;

import dev.xdslb.controlplane.ads.ClientVariant.Family;
import java.time.Duration;
import java.util.Set;

/**
 * How streams are served.
 *
 * @param firstRequestDeadline how long a stream may be open without a request. Clients send theirs with the beginning of the stream
 * @param writeDeadline how long a client may leave its connection full while there is something to send; then its
 *     stream is reset, and it comes back for the latest state when it can
 * @param ackTimeout how long a response may stay unanswered before a change is sent all the same; Envoy answers late
 *     while clusters warm
 * @param maxPushBytes how large a response may grow that can be split. A client's limit is 4 MiB by default; a small
 *     one bounds what a stalled reader holds
 * @param maxNames how many names one stream may subscribe to
 * @param trustInitialVersions the kinds of clients that are not sent what they say they hold. Some Envoy versions forget
 *     resources in spite of what they say (envoyproxy/envoy#22418)
 */
record AdsSettings(
        Duration firstRequestDeadline,
        Duration writeDeadline,
        Duration ackTimeout,
        int maxPushBytes,
        int maxNames,
        Set<Family> trustInitialVersions) {

    static final AdsSettings DEFAULT = new AdsSettings(
            Duration.ofSeconds(10),
            Duration.ofSeconds(30),
            Duration.ofSeconds(30),
            1024 * 1024,
            100_000,
            Set.of(Family.values()));

    AdsSettings {
        trustInitialVersions = Set.copyOf(trustInitialVersions);
    }

    AdsSettings withTrustInitialVersions(Set<Family> families) {
        return new AdsSettings(firstRequestDeadline, writeDeadline, ackTimeout, maxPushBytes, maxNames, families);
    }
}
