/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.springcloud;

import dev.xdslb.cluster.Cluster;
import dev.xdslb.load.Lease;
import dev.xdslb.load.Outcome;
import dev.xdslb.policy.Candidate;
import java.net.URI;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.cloud.client.ServiceInstance;

/**
 * The answer to one {@code choose}: describes the endpoint, and carries what is needed to count the request that may be
 * sent to it. Choosing counts nothing, because Spring Cloud also chooses without sending; what sends a request takes a
 * {@link #lease} at the moment when the request goes out, one per attempt.
 *
 * <p>Equal to what it describes, so that Spring Cloud finds it again in a list of instances.
 */
public final class PickedServiceInstance implements ServiceInstance {
    private final ServiceInstance described;
    private final Cluster cluster;
    private final Candidate candidate;
    private volatile boolean leased; // false - nobody counts the requests sent to it

    PickedServiceInstance(ServiceInstance described, Cluster cluster, Candidate candidate) {
        this.described = described;
        this.cluster = cluster;
        this.candidate = candidate;
    }

    /** Counts a request to the endpoint as in flight. The caller sees to it that the lease is ended, whatever happens. */
    public Lease lease() {
        leased = true;
        return cluster.lease(candidate);
    }

    /**
     * Says how a request ended that nobody counts in flight, because its client has no place to do so. Does nothing where
     * somebody took a {@link #lease}.
     */
    public void completedUncounted(Outcome outcome) {
        if (!leased) {
            cluster.streamLease(candidate).end(outcome); // its time is not known
        }
    }

    /** Returns the instance that this one was made of. */
    public ServiceInstance described() {
        return described;
    }

    @Override
    public @Nullable String getInstanceId() {
        return described.getInstanceId();
    }

    @Override
    public String getServiceId() {
        return described.getServiceId();
    }

    @Override
    public String getHost() {
        return described.getHost();
    }

    @Override
    public int getPort() {
        return described.getPort();
    }

    @Override
    public boolean isSecure() {
        return described.isSecure();
    }

    @Override
    public URI getUri() {
        return described.getUri();
    }

    @Override
    public @Nullable Map<String, String> getMetadata() {
        return described.getMetadata();
    }

    @Override
    public @Nullable String getScheme() {
        return described.getScheme();
    }

    @Override
    public boolean equals(@Nullable Object o) {
        return described.equals(o instanceof PickedServiceInstance other ? other.described : o);
    }

    @Override
    public int hashCode() {
        return described.hashCode();
    }

    @Override
    public String toString() {
        return described.toString();
    }
}
