/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.cluster;

import static java.util.Objects.requireNonNull;

import dev.xdslb.endpoint.Endpoint;
import dev.xdslb.endpoint.OutOfRangeException;
import dev.xdslb.strategy.RequestAttributes;
import dev.xdslb.strategy.RequestKey;
import org.apiguardian.api.API;
import org.jspecify.annotations.Nullable;

/**
 * Sends a request only to endpoints with a certain value of a label, such as those of shard 7. Health, ejection, panic, slow
 * start, priorities and zones are judged within the endpoints of that value.
 *
 * <p>An endpoint has one value of the label or none. The value that the request asks for matches where at least one endpoint
 * with it may be picked: it is ready, and the caller can use it.
 *
 * @param label the label's name, not empty; {@value #SHARD} is the shard that the control plane sends
 * @param from where in the request the value is
 * @param ifNoneMatches what to do where the request has no value, or one that no endpoint that may be picked has
 * @param useValue the value to use instead where {@code ifNoneMatches} is {@code USE}, else empty
 */
@API(status = API.Status.STABLE)
public record SubsetSettings(String label, RequestKey from, IfNoneMatches ifNoneMatches, String useValue) {
    /** The label that stands for {@link Endpoint#shard()}. */
    public static final String SHARD = "shard";

    public SubsetSettings {
        requireNonNull(from, "from");
        requireNonNull(ifNoneMatches, "ifNoneMatches");
        if (label.isEmpty()) {
            throw new OutOfRangeException("label", "", '"' + SHARD + "\" or the name of a pod's label");
        }
        if (ifNoneMatches == IfNoneMatches.USE && useValue.isEmpty()) {
            throw new OutOfRangeException("useValue", "", "a value of the label, because ifNoneMatches is USE");
        }
        if (ifNoneMatches != IfNoneMatches.USE && !useValue.isEmpty()) {
            throw new OutOfRangeException("useValue", useValue, "absent, because ifNoneMatches is " + ifNoneMatches);
        }
    }

    /** Returns settings under which a request that no endpoint matches fails. */
    public static SubsetSettings of(String label, RequestKey from) {
        return new SubsetSettings(label, from, IfNoneMatches.FAIL, "");
    }

    /** Returns the same settings, but a request that no endpoint matches may go to any endpoint. */
    public SubsetSettings orAny() {
        return new SubsetSettings(label, from, IfNoneMatches.ANY, "");
    }

    /** Returns the same settings, but a request that no endpoint matches goes to the endpoints of another value. */
    public SubsetSettings orUse(String value) {
        return new SubsetSettings(label, from, IfNoneMatches.USE, value);
    }

    /** Returns the value that a request asks for, null where it asks for none. */
    @Nullable
    String asked(RequestAttributes request) {
        String value = RequestKey.read(from, request);
        return value == null || value.isEmpty() ? null : value;
    }

    /** Returns an endpoint's value, empty where it has none. */
    String valueOf(Endpoint endpoint) {
        return label.equals(SHARD) ? endpoint.shard() : endpoint.labels().getOrDefault(label, "");
    }

    /** What happens to a request that no endpoint matches. */
    public enum IfNoneMatches {
        /** It may go to any endpoint, whatever its label. */
        ANY,
        /** It fails with a {@link NoEndpointException}. */
        FAIL,
        /** It goes to the endpoints of a certain other value; where there are none of these either, it fails. */
        USE
    }
}
