/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.policy;

import static java.util.Objects.requireNonNull;

import dev.xdslb.endpoint.Endpoint;
import java.time.Instant;
import org.apiguardian.api.API;
import org.jspecify.annotations.Nullable;

/**
 * An endpoint that could not be picked.
 *
 * @param endpoint which one
 * @param reason why
 * @param until when that ends by itself, by the wall clock; null where it does not
 */
@API(status = API.Status.STABLE)
public record Exclusion(
        Endpoint endpoint, Reason reason, @Nullable Instant until) {

    public Exclusion {
        requireNonNull(endpoint, "endpoint");
        requireNonNull(reason, "reason");
    }

    /** Why an endpoint could not be picked, in the order in which it is judged. */
    public enum Reason {
        /** The request is for endpoints with another value of the label that requests are routed by. */
        OTHER_SUBSET("other subset"),
        /** This client uses only a part of the service's endpoints, and this is none of them. */
        @API(status = API.Status.EXPERIMENTAL)
        OUTSIDE_CLIENT_SUBSET("outside the subset of this client"),
        /** Its pod is not ready. */
        NOT_READY("not ready"),
        /** Its pod is about to end. */
        DRAINING("draining"),
        /** An operator has drained it in this process, for a while. */
        @API(status = API.Status.EXPERIMENTAL)
        DRAINED_HERE("drained in this process"),
        /** This caller cannot use it: it has no connection to it, has just tried it, or leaves it out by a rule of its own. */
        UNUSABLE_FOR_CALLER("unusable for the caller"),
        /** It is degraded, and there are healthy ones. */
        DEGRADED("degraded while healthy ones exist"),
        /** It failed too often. */
        EJECTED("ejected"),
        /** It failed too often; the time is up, and one request, the probe, decides whether it comes back. */
        AWAITS_PROBE("ejected, awaits the probe's answer"),
        /** No connection to it can be made, which is checked beside the requests, and there are others. */
        UNREACHABLE("no connection can be made"),
        /** It has just refused or reset a connection, and there are others. */
        AVOIDED("avoided after a refused or reset connection"),
        /**
         * Nothing has succeeded there since the last failure, or ever; requests are rare, those to such endpoints fail more often,
         * and there are others. One request, the probe, may find out more.
         */
        UNPROVEN("unproven while others have proven themselves, awaits a probe");

        private final String words;

        Reason(String words) {
            this.words = words;
        }

        @Override
        public String toString() {
            return words;
        }
    }

    @Override
    public String toString() {
        return endpoint.address() + ": " + reason + (until == null ? "" : " until " + until);
    }
}
