/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.policy;

import static java.util.Objects.requireNonNull;

import dev.xdslb.endpoint.Endpoint;
import dev.xdslb.load.EndpointLoad;
import dev.xdslb.load.InFlightTotal;
import dev.xdslb.load.MeasuredLoad;
import org.apiguardian.api.API;
import org.jspecify.annotations.Nullable;

/** An endpoint that may be picked, with everything that a strategy needs to know about it. */
@API(status = API.Status.STABLE)
public final class Candidate {
    private final Endpoint endpoint;
    private final EndpointLoad load;
    private final EjectionState ejection;
    private final WeightFactors factors;
    private final double weight; // the factors' product
    private final boolean probe;
    private final @Nullable InFlightTotal total;

    Candidate(Endpoint endpoint, EndpointLoad load, EjectionState ejection, WeightFactors factors, boolean probe) {
        this(endpoint, load, ejection, factors, probe, null);
    }

    Candidate(
            Endpoint endpoint,
            EndpointLoad load,
            EjectionState ejection,
            WeightFactors factors,
            boolean probe,
            @Nullable InFlightTotal total) {
        this.endpoint = requireNonNull(endpoint, "endpoint");
        this.load = requireNonNull(load, "load");
        this.ejection = requireNonNull(ejection, "ejection");
        this.factors = requireNonNull(factors, "factors");
        this.weight = factors.product();
        this.probe = probe;
        this.total = total;
    }

    /** Returns what the control plane says about it. */
    public Endpoint endpoint() {
        return endpoint;
    }

    /** Returns what this process measures about it; changes while this object does not. */
    public MeasuredLoad load() {
        return load;
    }

    /** Returns the same for those who count: not for strategies. A method of its own, so that no pick pays for a cast. */
    @API(status = API.Status.INTERNAL)
    public EndpointLoad endpointLoad() {
        return load;
    }

    /**
     * Returns its share of the requests relative to the others': above 0. It is 1 where the control plane gives all the same
     * weight, and less for an endpoint that is starting or failing.
     */
    public double weight() {
        return weight;
    }

    /** Returns what its weight is made of. */
    public WeightFactors weightFactors() {
        return factors;
    }

    /** Whether it is ejected and this request is the one that finds out whether it works again. */
    public boolean isProbe() {
        return probe;
    }

    /**
     * Returns what counts the requests of its cluster, null where nothing does. A request is counted in and out where the candidate
     * says that it was picked as, so that a counter may come and go while requests are in flight.
     */
    @API(status = API.Status.INTERNAL)
    public @Nullable InFlightTotal total() {
        return total;
    }

    EjectionState ejection() {
        return ejection;
    }

    @Override
    public String toString() {
        return endpoint.address();
    }
}
