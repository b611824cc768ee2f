/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.xds;

import dev.xdslb.cluster.EndpointSource;
import dev.xdslb.cluster.FaultBoundary;
import dev.xdslb.cluster.ServicePolicy;
import dev.xdslb.cluster.ServiceSnapshot;
import dev.xdslb.endpoint.Endpoint;
import dev.xdslb.endpoint.EndpointSnapshot;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One subscription: asks for the endpoints and for the cluster of the same name, and tells both as one snapshot.
 *
 * <p>The first endpoints wait a moment for the cluster where the control plane has answered for any cluster before: what is picked
 * first is picked as the policy says. Else endpoints wait for nothing. Whatever becomes of the cluster, absence, refusal or silence, is
 * no news of them; while the cluster was not heard of, the policy says nothing. A cluster that names other endpoints than those of its
 * own name is obeyed as soon as anything is known of the others.
 *
 * <p>Confined to the client's executor, but for {@link #close()}, which any thread may call.
 */
final class ServiceSubscription implements EndpointSource.Subscription {
    private static final Logger log = LoggerFactory.getLogger(ServiceSubscription.class);

    /** For which endpoints wait at most. The answers are a round trip apart where the control plane takes one question at a time. */
    static final Duration PATIENCE = Duration.ofSeconds(1);

    private final String resource;
    private final EndpointSource.Watcher watcher;
    private final FaultBoundary boundary; // around the watcher
    private final ResourceTable<List<Endpoint>> endpointLists;
    private final ResourceTable<ClusterContent> clusters;
    private final SerialExecutor executor;
    private final Consumer<ServiceSubscription> onClose;
    private final ClusterWatcher cluster = new ClusterWatcher();
    private EndpointsWatcher endpoints; // those in use
    private @Nullable EndpointsWatcher next; // to be used once anything is known of them
    private ServicePolicy policy = ServicePolicy.NONE;
    private boolean patient = true; // until endpoints were told, or the cluster was heard of
    private @Nullable Future<?> patience; // while endpoints wait
    private volatile boolean closed;

    ServiceSubscription(
            String resource,
            EndpointSource.Watcher watcher,
            FaultBoundary boundary,
            ResourceTable<List<Endpoint>> endpointLists,
            ResourceTable<ClusterContent> clusters,
            SerialExecutor executor,
            Consumer<ServiceSubscription> onClose) {
        this.resource = resource;
        this.watcher = watcher;
        this.boundary = boundary;
        this.endpointLists = endpointLists;
        this.clusters = clusters;
        this.executor = executor;
        this.onClose = onClose;
        this.endpoints = new EndpointsWatcher(resource);
    }

    /** Begins to ask; a policy that is known already is told with the first endpoints. */
    void begin() {
        clusters.add(resource, cluster);
        endpointLists.add(endpoints.name, endpoints);
    }

    /** Asks no longer. */
    void end() {
        waitNoLonger();
        clusters.remove(resource, cluster);
        endpointLists.remove(endpoints.name, endpoints);
        if (next != null) {
            endpointLists.remove(next.name, next);
        }
        boundary.close();
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true; // closed twice at once, it is removed twice, which does no harm
            onClose.accept(this);
        }
    }

    private void use(ServicePolicy newPolicy, String endpointsName) {
        boolean news = !newPolicy.equals(policy);
        policy = newPolicy;
        boolean waited = waitNoLonger();
        follow(endpointsName);
        if (news || waited) {
            log.debug("{}: the policy is now {}", resource, newPolicy);
            endpoints.tellSnapshot();
        }
    }

    /** Whether endpoints are kept back until the cluster is heard of. */
    private boolean keepsBack() {
        if (patient && patience == null && clusters.isAnswering()) {
            patience = executor.schedule(this::patienceOver, PATIENCE.toNanos());
        }
        return patience != null;
    }

    private void patienceOver() {
        log.debug("{}: its endpoints are used without a policy, which has not come within {}", resource, PATIENCE);
        waitNoLonger();
        endpoints.tellSnapshot();
    }

    /** Returns whether endpoints were kept back. */
    private boolean waitNoLonger() {
        patient = false;
        Future<?> waiting = patience;
        patience = null;
        if (waiting != null) {
            waiting.cancel(false);
        }
        return waiting != null;
    }

    private void follow(String name) {
        if (next != null && !next.name.equals(name)) {
            endpointLists.remove(next.name, next);
            next = null;
            if (endpoints.name.equals(name)) {
                endpoints.tellAbsence();
            }
        }
        if (next == null && !endpoints.name.equals(name)) {
            log.info("{}: its cluster says that its endpoints are those of {}", resource, name);
            EndpointsWatcher named = new EndpointsWatcher(name);
            next = named;
            endpointLists.add(name, named);
        }
    }

    /** Tells the watcher, unless it stopped watching. */
    private void tell(Consumer<EndpointSource.Watcher> news) {
        if (!closed) {
            boundary.run(() -> news.accept(watcher));
        }
    }

    private final class EndpointsWatcher implements ResourceWatcher<List<Endpoint>> {
        private final String name;
        private @Nullable EndpointSnapshot known;
        private @Nullable String absence; // never beside what is known
        private boolean silent; // nothing was heard for as long as an answer may take, or nothing can be

        EndpointsWatcher(String name) {
            this.name = name;
        }

        @Override
        public void onResource(String version, List<Endpoint> list) {
            known = new EndpointSnapshot(resource, version, list);
            absence = null;
            silent = false;
            takeOver();
            tellSnapshot();
        }

        /** Means nothing yet where the next ones are being asked for: a cluster need not have a list of its own name. */
        @Override
        public void onAbsent(String reason) {
            known = null;
            absence = reason;
            silent = false;
            takeOver();
            if (next == null || next.silent) {
                tellAbsence();
            }
        }

        /** Those in use stay in use where it is the next ones that nothing is known of. */
        @Override
        public void onUnavailable(String reason) {
            silent = true;
            if (this == next && endpoints.absence != null) {
                endpoints.tellAbsence();
            } else if (this == endpoints || endpoints.known == null) {
                tell(telling -> telling.onUnavailable(reason));
            }
        }

        void tellAbsence() {
            String reason = absence;
            if (reason != null) {
                tell(telling -> telling.onAbsent(reason));
            }
        }

        void tellSnapshot() {
            EndpointSnapshot list = known;
            if (list != null && !keepsBack()) {
                patient = false;
                ServiceSnapshot snapshot = new ServiceSnapshot(list, policy);
                tell(telling -> telling.onSnapshot(snapshot));
            }
        }

        private void takeOver() {
            if (this == next) {
                endpointLists.remove(endpoints.name, endpoints);
                endpoints = this;
                next = null;
            }
        }
    }

    private final class ClusterWatcher implements ResourceWatcher<ClusterContent> {
        private List<String> saidNotObeyed = List.of();

        @Override
        public void onResource(String version, ClusterContent content) {
            if (!content.notObeyed().equals(saidNotObeyed)) {
                saidNotObeyed = content.notObeyed();
                if (!saidNotObeyed.isEmpty()) {
                    log.info("{}: its cluster has what is not obeyed: {}", resource, saidNotObeyed);
                }
            }
            use(content.policy(), content.endpointsName());
        }

        @Override
        public void onAbsent(String reason) {
            log.debug("{}: no policy from the control plane: {}", resource, reason);
            use(ServicePolicy.NONE, resource);
        }

        /** The last policy stays in use; what was refused was logged. */
        @Override
        public void onUnavailable(String reason) {
            log.debug("{}: no newer policy from the control plane: {}", resource, reason);
            if (waitNoLonger()) {
                endpoints.tellSnapshot();
            }
        }
    }
}
