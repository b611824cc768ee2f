/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.observe;

import io.micrometer.common.docs.KeyName;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.docs.MeterDocumentation;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Every meter that there is. Keys are few: none has an endpoint, but those of {@link #isPerEndpoint() single endpoints}, which are off
 * by default. The names of keys that Prometheus itself likes to set on what it scrapes (cluster, service, zone, pod, endpoint) begin
 * with {@code xds}, so that it does not rename them.
 */
public enum XdsLbMeter implements MeterDocumentation {
    REQUESTS(
            "xdslb.requests",
            "Requests that have ended, by how: success, failure, refused, cancelled.",
            Meter.Type.COUNTER,
            null,
            MeterKey.CLUSTER,
            MeterKey.OUTCOME),
    REQUESTS_ACTIVE(
            "xdslb.requests.active", "Requests and streams in flight.", Meter.Type.GAUGE, null, MeterKey.CLUSTER),
    RESPONSE_TIME(
            "xdslb.response.time",
            "How long the requests that succeeded took, of those whose time was measured.",
            Meter.Type.TIMER,
            null,
            MeterKey.CLUSTER),
    PICKS_FAILED(
            "xdslb.picks.failed",
            "Picks that found no endpoint to go to: no-endpoint, limit, strategy.",
            Meter.Type.COUNTER,
            null,
            MeterKey.CLUSTER,
            MeterKey.REASON),
    RETRIES(
            "xdslb.retries",
            "Retries, by whether the retry budget had room: sent, refused.",
            Meter.Type.COUNTER,
            null,
            MeterKey.CLUSTER,
            MeterKey.RESULT),
    ENDPOINTS(
            "xdslb.endpoints",
            "Endpoints by where they stand: eligible, ejected, avoided, spare, not-ready, draining, outside (this client does not use them).",
            Meter.Type.GAUGE,
            null,
            MeterKey.CLUSTER,
            MeterKey.ZONE,
            MeterKey.STATE),
    EJECTIONS(
            "xdslb.ejections",
            "How often endpoints were ejected, or ejected again by their probe.",
            Meter.Type.COUNTER,
            null,
            MeterKey.CLUSTER),
    PANIC(
            "xdslb.panic",
            "1 while ejection is ignored because too few endpoints are trusted, else 0.",
            Meter.Type.GAUGE,
            null,
            MeterKey.CLUSTER),
    CLUSTERS(
            "xdslb.clusters",
            "Clusters that are watched, by where their endpoints come from: waiting, live, fallback, absent, unavailable.",
            Meter.Type.GAUGE,
            null,
            MeterKey.STATE),
    LEASES_ABANDONED(
            "xdslb.leases.abandoned",
            "Requests that were given up because nobody told their end, as where a body is never read.",
            Meter.Type.COUNTER,
            null),
    STREAM_CONNECTED(
            "xdslb.stream.connected", "1 while the stream to the control plane is up, else 0.", Meter.Type.GAUGE, null),
    STREAM_ATTEMPTS("xdslb.stream.attempts", "Streams to the control plane that were tried.", Meter.Type.COUNTER, null),
    STREAM_FAILURES(
            "xdslb.stream.failures",
            "Attempts at a stream to the control plane that led to none, or to one that it did not take.",
            Meter.Type.COUNTER,
            null),
    STREAM_ANSWER_TIME(
            "xdslb.stream.answer.time",
            "How long it took from an attempt at a stream to the control plane's first answer on it.",
            Meter.Type.TIMER,
            null),
    STREAM_LIFE(
            "xdslb.stream.life",
            "How long the streams to the control plane were up that have ended.",
            Meter.Type.TIMER,
            null),
    UPDATES(
            "xdslb.updates",
            "Answers of the control plane, by whether all of them could be used: accepted, rejected.",
            Meter.Type.COUNTER,
            null,
            MeterKey.RESULT),
    CONFIG_AGE(
            "xdslb.config.age",
            "For how long the endpoints may be out of date: 0 while the stream is up.",
            Meter.Type.GAUGE,
            "seconds"),
    FAULTS(
            "xdslb.faults",
            "Failures in code that is not ours: strategies, fallbacks, listeners, request keys.",
            Meter.Type.COUNTER,
            null),
    FAULTS_ACTIVE("xdslb.faults.active", "What fails at present in such code.", Meter.Type.GAUGE, null),
    TICK_AGE(
            "xdslb.tick.age",
            "How long ago the tick was heard from: far above 0.1 where something that it calls does not return.",
            Meter.Type.GAUGE,
            "seconds"),
    ENDPOINT_REQUESTS(
            "xdslb.endpoint.requests",
            "Requests to one endpoint that have ended, by how.",
            Meter.Type.COUNTER,
            null,
            MeterKey.CLUSTER,
            MeterKey.ZONE,
            MeterKey.POD,
            MeterKey.ENDPOINT,
            MeterKey.OUTCOME),
    ENDPOINT_REQUESTS_ACTIVE(
            "xdslb.endpoint.requests.active",
            "Requests and streams in flight to one endpoint.",
            Meter.Type.GAUGE,
            null,
            MeterKey.CLUSTER,
            MeterKey.ZONE,
            MeterKey.POD,
            MeterKey.ENDPOINT),
    ENDPOINT_COST(
            "xdslb.endpoint.cost",
            "What one request to an endpoint is taken to cost: its response time, or the age of those that hang. 0 where nothing was measured.",
            Meter.Type.GAUGE,
            "seconds",
            MeterKey.CLUSTER,
            MeterKey.ZONE,
            MeterKey.POD,
            MeterKey.ENDPOINT),
    ENDPOINTS_UNMETERED(
            "xdslb.endpoints.unmetered",
            "Endpoints that have no meters of their own because they are more than xds-lb.metrics.endpoints.",
            Meter.Type.GAUGE,
            null);

    private final String name;
    private final String description;
    private final Meter.Type type;
    private final @Nullable String baseUnit;

    @SuppressWarnings("ImmutableEnumChecker") // made by List.of
    private final List<MeterKey> keys;

    XdsLbMeter(String name, String description, Meter.Type type, @Nullable String baseUnit, MeterKey... keys) {
        this.name = name;
        this.description = description;
        this.type = type;
        this.baseUnit = baseUnit;
        this.keys = List.of(keys);
    }

    @Override
    public String getName() {
        return name;
    }

    /** Returns what it says. */
    public String description() {
        return description;
    }

    @Override
    public Meter.Type getType() {
        return type;
    }

    @Override
    public @Nullable String getBaseUnit() {
        return baseUnit;
    }

    @Override
    public KeyName[] getKeyNames() {
        return keys.toArray(KeyName[]::new);
    }

    /** Returns whether there is one for each endpoint, if there is any. */
    public boolean isPerEndpoint() {
        return name.startsWith("xdslb.endpoint.") || this == ENDPOINTS_UNMETERED;
    }
}
