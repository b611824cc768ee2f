/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.springcloud;

import static java.util.Objects.requireNonNullElse;

import dev.xdslb.cluster.Cluster;
import dev.xdslb.cluster.FailureStatuses;
import dev.xdslb.endpoint.EndpointKey;
import dev.xdslb.load.Lease;
import dev.xdslb.policy.Candidate;
import java.net.URI;
import java.util.AbstractMap;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
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
    private final String serviceId;
    private final ServiceInstance described;
    private final Cluster cluster;
    private final Candidate candidate;
    private final Collection<EndpointKey> triedBefore;
    private final boolean secure; // false - what was described decides
    private volatile @Nullable RuntimeException refusedRetry; // null - no retry after it was refused
    private volatile boolean
            sent; // the request has passed all of the caller's interceptors; written by the sending thread
    private volatile boolean leased; // false - nobody counts the requests sent to it

    /**
     * Makes the answer.
     *
     * @param serviceId the service that was asked for
     * @param triedBefore where earlier attempts of the same request went
     * @param secure whether it is to be called over TLS, whatever the description says
     */
    PickedServiceInstance(
            String serviceId,
            ServiceInstance described,
            Cluster cluster,
            Candidate candidate,
            Collection<EndpointKey> triedBefore,
            boolean secure) {
        this.serviceId = serviceId;
        this.described = described;
        this.cluster = cluster;
        this.candidate = candidate;
        this.triedBefore = triedBefore;
        this.secure = secure;
    }

    /** Returns where the request has been by now: here, and where its earlier attempts went. */
    Collection<EndpointKey> tried() {
        List<EndpointKey> tried = new ArrayList<>(triedBefore);
        tried.add(candidate.endpoint().key());
        return tried;
    }

    Cluster cluster() {
        return cluster;
    }

    EndpointKey key() {
        return candidate.endpoint().key();
    }

    /** Counts a request to the endpoint as in flight. The caller sees to it that the lease is ended, whatever happens. */
    public Lease lease() {
        leased = true;
        return cluster.lease(candidate);
    }

    /** Returns why a retry of the request that was sent to it got no instance, null where none was refused. */
    public @Nullable RuntimeException refusedRetry() {
        return refusedRetry;
    }

    void refuseRetry(RuntimeException reason) {
        refusedRetry = reason;
    }

    /** Says that the request has passed all of the caller's interceptors. */
    public void sent() {
        sent = true;
    }

    /** Returns whether the request has passed all of the caller's interceptors, as far as its client says so. */
    public boolean isSent() {
        return sent;
    }

    /** Returns whether somebody counts the requests that are sent to it. */
    public boolean isLeased() {
        return leased;
    }

    /** Returns which HTTP statuses count against the endpoint, as configured at present. */
    public FailureStatuses failureStatuses() {
        return cluster.settings().failureStatuses();
    }

    /**
     * Finds the answer of ours that an instance is, or is made of. Gateways and applications wrap instances in classes of their
     * own, which tell nobody what is inside; but they hand on its metadata.
     *
     * @return null where the instance is none, or another balancer's
     */
    public static @Nullable PickedServiceInstance in(@Nullable ServiceInstance instance) {
        if (instance instanceof PickedServiceInstance picked) {
            return picked;
        }
        return instance != null && instance.getMetadata() instanceof PickedMetadata metadata ? metadata.picked : null;
    }

    /** Returns the instance that this one was made of. */
    public ServiceInstance described() {
        return described;
    }

    @Override
    public @Nullable String getInstanceId() {
        return described.getInstanceId();
    }

    /** Returns the service that was asked for where the application's own instances say none. */
    @Override
    public String getServiceId() {
        return requireNonNullElse(described.getServiceId(), serviceId);
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
        return secure || described.isSecure();
    }

    @Override
    public URI getUri() {
        return secure ? ServiceInstance.createUri(this) : described.getUri();
    }

    @Override
    public @Nullable Map<String, String> getMetadata() {
        Map<String, String> metadata = described.getMetadata();
        return metadata == null ? null : new PickedMetadata(this, metadata);
    }

    /** Spring Cloud takes it where there is one, whatever {@link #isSecure()} says. */
    @Override
    public @Nullable String getScheme() {
        return secure ? "https" : described.getScheme();
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

    /** The metadata of what was picked, by which it is known inside whatever it was wrapped into. */
    private static final class PickedMetadata extends AbstractMap<String, String> {
        private final PickedServiceInstance picked;
        private final Map<String, String> metadata;

        private PickedMetadata(PickedServiceInstance picked, Map<String, String> metadata) {
            this.picked = picked;
            this.metadata = metadata;
        }

        @Override
        public Set<Entry<String, String>> entrySet() {
            return metadata.entrySet();
        }

        @Override
        public @Nullable String get(@Nullable Object key) {
            return metadata.get(key);
        }

        @Override
        public boolean containsKey(@Nullable Object key) {
            return metadata.containsKey(key);
        }
    }
}
