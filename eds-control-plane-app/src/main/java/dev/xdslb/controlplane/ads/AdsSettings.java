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
 * @param maxNames how many names one stream may subscribe to, of all types together
 * @param trustInitialVersions the kinds of clients that are not sent what they say they hold. Some Envoy versions forget
 *     resources in spite of what they say (envoyproxy/envoy#22418)
 * @param newStreams how many streams may begin, of all clients together
 * @param maxStartWait how long a stream waits for its turn to begin; one that had to wait longer is refused. Below the 15 s
 *     that gRPC's clients wait for a resource
 * @param requests how many requests one stream may send; see {@link RequestPace}
 * @param totals what all streams together may make the process keep
 */
record AdsSettings(
        Duration firstRequestDeadline,
        Duration writeDeadline,
        Duration ackTimeout,
        int maxPushBytes,
        int maxNames,
        Set<Family> trustInitialVersions,
        TokenBucket.Rate newStreams,
        Duration maxStartWait,
        TokenBucket.Rate requests,
        Totals totals) {

    /**
     * What is bounded over all streams, in bytes.
     *
     * @param requestBytes of requests that are not whole, or wait for their turn
     * @param nameBytes of the names that are subscribed to, with what is known of them
     */
    record Totals(long requestBytes, long nameBytes) {
        /** A request takes about three times its bytes once it is decoded; and any one that is allowed has room, with others. */
        private static final int REQUESTS_PART = 16;

        private static final int LEAST_REQUESTS = 2;

        /** As much as is left beside a large cluster and thousands of streams. */
        private static final int NAMES_PART = 3;

        /** Returns those for a heap of this size: of 717 MiB 45 and 239. */
        static Totals ofHeap(long bytes) {
            return new Totals(
                    Math.max(bytes / REQUESTS_PART, (long) LEAST_REQUESTS * Dialect.MAX_REQUEST_BYTES),
                    bytes / NAMES_PART);
        }
    }

    /** As much as 5,000 clients need that all come at once: 1,000 begin at once and the others within 8 s. */
    static final int NEW_STREAMS_PER_SECOND = 500;

    /** Far above what a client answers and asks for, far below what costs others anything. */
    static final int REQUESTS_PER_SECOND = 1_000;

    static final AdsSettings DEFAULT = new AdsSettings(
            Duration.ofSeconds(10),
            Duration.ofSeconds(30),
            Duration.ofSeconds(30),
            1024 * 1024,
            100_000,
            Set.of(Family.values()),
            newStreams(NEW_STREAMS_PER_SECOND),
            Duration.ofSeconds(8),
            requests(REQUESTS_PER_SECOND),
            Totals.ofHeap(Runtime.getRuntime().maxMemory()));

    AdsSettings {
        trustInitialVersions = Set.copyOf(trustInitialVersions);
    }

    static TokenBucket.Rate newStreams(int perSecond) {
        return new TokenBucket.Rate(perSecond, 2 * perSecond);
    }

    static TokenBucket.Rate requests(int perSecond) {
        return new TokenBucket.Rate(perSecond, perSecond);
    }

    /**
     * Returns how many of the new streams may begin on one connection: as many at once as a proxy in front of hundreds of
     * clients brings, half of what all may, and for longer a tenth.
     */
    TokenBucket.Rate newStreamsOfConnection() {
        return newStreams.isLimited()
                ? new TokenBucket.Rate(Math.max(1, newStreams.perSecond() / 10), newStreams.perSecond())
                : TokenBucket.Rate.UNLIMITED;
    }

    AdsSettings withTrustInitialVersions(Set<Family> families) {
        return new AdsSettings(
                firstRequestDeadline,
                writeDeadline,
                ackTimeout,
                maxPushBytes,
                maxNames,
                families,
                newStreams,
                maxStartWait,
                requests,
                totals);
    }

    AdsSettings withMaxNames(int names) {
        return new AdsSettings(
                firstRequestDeadline,
                writeDeadline,
                ackTimeout,
                maxPushBytes,
                names,
                trustInitialVersions,
                newStreams,
                maxStartWait,
                requests,
                totals);
    }

    AdsSettings withMaxPushBytes(int bytes) {
        return new AdsSettings(
                firstRequestDeadline,
                writeDeadline,
                ackTimeout,
                bytes,
                maxNames,
                trustInitialVersions,
                newStreams,
                maxStartWait,
                requests,
                totals);
    }

    AdsSettings withRates(int newStreamsPerSecond, int requestsPerSecond) {
        return new AdsSettings(
                firstRequestDeadline,
                writeDeadline,
                ackTimeout,
                maxPushBytes,
                maxNames,
                trustInitialVersions,
                newStreams(newStreamsPerSecond),
                maxStartWait,
                requests(requestsPerSecond),
                totals);
    }

    AdsSettings withTotals(Totals other) {
        return new AdsSettings(
                firstRequestDeadline,
                writeDeadline,
                ackTimeout,
                maxPushBytes,
                maxNames,
                trustInitialVersions,
                newStreams,
                maxStartWait,
                requests,
                other);
    }
}
