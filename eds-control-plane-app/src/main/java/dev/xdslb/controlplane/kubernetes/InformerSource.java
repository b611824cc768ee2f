/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.kubernetes;

import dev.xdslb.controlplane.fault.FaultBoundary;
import dev.xdslb.controlplane.fault.Faults;
import dev.xdslb.controlplane.fault.Loop;
import dev.xdslb.controlplane.topology.ClusterFeed;
import dev.xdslb.controlplane.topology.ObjectId;
import dev.xdslb.controlplane.topology.ObjectScope;
import dev.xdslb.controlplane.topology.PodObject;
import dev.xdslb.controlplane.topology.TopologyChange;
import dev.xdslb.controlplane.topology.TopologyObject;
import dev.xdslb.controlplane.topology.TopologySource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.GRPCRoute;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.Gateway;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.GatewayClass;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.HTTPRoute;
import io.fabric8.kubernetes.api.model.gatewayapi.v1beta1.ReferenceGrant;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.Informable;
import io.fabric8.kubernetes.client.dsl.MixedOperation;
import io.fabric8.kubernetes.client.dsl.Resource;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Watches the API server. The informers retry for ever, whatever goes wrong; their threads only prune and submit.
 *
 * <p>Start and close are called by one thread; the informers' threads count down {@link #unlisted}; the monitor's thread
 * looks at what is watched.
 */
public final class InformerSource implements TopologySource {

    private static final Logger logger = LoggerFactory.getLogger(InformerSource.class);

    private static final Duration LOOK_INTERVAL = Duration.ofSeconds(5);

    private final KubernetesClient client;
    private final List<String> namespaces;
    private final ObjectPruning pruning;
    private final ClusterFeed feed;
    private final FaultBoundary boundary;
    private final List<WatchedKind<?>> kinds = new ArrayList<>();
    private final List<WatchedKind<?>> gatewayKinds = new ArrayList<>(); // without which nothing is known of routes
    private final List<WatchedKind<?>> incidental = new ArrayList<>(); // nobody waits for them
    private @Nullable ForeignGateways foreign; // null where nobody asks
    private final SecretWatches secrets;
    private final @Nullable GatewaySource gateways; // null where the Gateway API is off
    private final AtomicInteger unlisted = new AtomicInteger();
    private final boolean ownsClient;
    private final Loop monitor;
    private final @Nullable AnnotationEvents events; // null where none are written
    private final WatchMonitor watches = new WatchMonitor();
    private long completeAt; // but for kinds that a cluster need not have; 0 before. Confined to the monitor's thread
    private boolean saidLost; // and not yet that it is back; confined to the monitor's thread
    private final LongSupplier nanoClock;
    private final Duration lookInterval;

    /**
     * Creates a source that is not started.
     *
     * @param ownsClient whether the client is closed along with this
     * @param events whether Events say what is wrong with annotations
     * @param namespaces those whose services are served; empty means all
     */
    public InformerSource(
            KubernetesClient client,
            boolean ownsClient,
            boolean events,
            List<String> namespaces,
            ObjectPruning pruning,
            ClusterFeed feed,
            Faults faults) {
        this(client, ownsClient, events, namespaces, pruning, null, feed, faults);
    }

    /**
     * Creates the same, which watches the objects of the Gateway API, too.
     *
     * @param gatewayApi null where the objects of the Gateway API are not watched
     */
    public InformerSource(
            KubernetesClient client,
            boolean ownsClient,
            boolean events,
            List<String> namespaces,
            ObjectPruning pruning,
            @Nullable GatewayApi gatewayApi,
            ClusterFeed feed,
            Faults faults) {
        this(
                client,
                ownsClient,
                events,
                namespaces,
                pruning,
                gatewayApi,
                feed,
                faults,
                System::nanoTime,
                LOOK_INTERVAL);
    }

    InformerSource(
            KubernetesClient client,
            boolean ownsClient,
            boolean events,
            List<String> namespaces,
            ObjectPruning pruning,
            @Nullable GatewayApi gatewayApi,
            ClusterFeed feed,
            Faults faults,
            LongSupplier nanoClock,
            Duration lookInterval) {
        this.client = client;
        this.ownsClient = ownsClient;
        this.namespaces = List.copyOf(namespaces);
        this.pruning = pruning;
        this.feed = feed;
        this.boundary = faults.boundary("informers of " + client.getMasterUrl());
        this.events = events ? new AnnotationEvents(client, boundary) : null;
        this.nanoClock = nanoClock;
        this.lookInterval = lookInterval;
        this.secrets = new SecretWatches(gatewayApi == null ? Set.of() : gatewayApi.withSecrets(), this::watch);
        this.gateways = gatewayApi == null
                ? null
                : new GatewaySource(gatewayApi, client, feed, secrets, this::gatewaysAreKnown, faults, nanoClock);
        this.monitor = new Loop(faults, "watch monitor of " + client.getMasterUrl(), this::look);
    }

    /**
     * Lets it say which Gateways of our class are there, to be called before it is started: they do not count in a further cluster.
     *
     * @param own the name of the cluster whose Gateways count
     */
    public InformerSource sayingForeignGateways(String own) {
        ForeignGateways found = new ForeignGateways(own, feed, events);
        foreign = found;
        incidental.add(WatchedKind.incidental(
                client.resources(GatewayClass.class),
                GatewayClass::new,
                new ObjectScope(ObjectId.Kind.GATEWAY_CLASS, "", ""),
                object -> GatewayPruning.prune(object, ""),
                found,
                boundary,
                nanoClock));
        for (String namespace : namespaces.isEmpty() ? List.of("") : namespaces) {
            incidental.add(WatchedKind.incidental(
                    in(namespace, client.resources(Gateway.class)),
                    Gateway::new,
                    new ObjectScope(ObjectId.Kind.GATEWAY, namespace, ""),
                    found::prune,
                    found,
                    boundary,
                    nanoClock));
        }
        return this;
    }

    @Override
    public void start() {
        prepare(client.nodes(), Node::new, new ObjectScope(ObjectId.Kind.NODE, "", ""), pruning::prune);
        prepareNamespaced(client.pods(), Pod::new, ObjectId.Kind.POD, this::prune);
        prepareNamespaced(client.services(), Service::new, ObjectId.Kind.SERVICE, this::prune);
        prepareNamespaced(
                client.discovery().v1().endpointSlices(),
                EndpointSlice::new,
                ObjectId.Kind.ENDPOINT_SLICE,
                slice -> pruning.prune(slice, ""));
        if (gateways != null) {
            prepareGatewayApi(gateways);
            gateways.start();
        }
        unlisted.set(kinds.size());
        logger.info("watching {}", status().source());
        kinds.forEach(WatchedKind::start);
        incidental.forEach(WatchedKind::start);
        monitor.start();
    }

    @Override
    public Status status() {
        String where = namespaces.isEmpty() ? "all namespaces" : "namespaces " + String.join(", ", namespaces);
        return new Status("Kubernetes API " + client.getMasterUrl() + ", " + where, problem());
    }

    /** An informer that has ended is never watched again, which no other replica shares: readiness shows it. */
    @Override
    public List<String> ended() {
        return all().stream()
                .filter(WatchedKind::hasEnded)
                .map(watched -> "informer of " + watched)
                .toList();
    }

    @Override
    public void close() {
        monitor.close();
        kinds.forEach(WatchedKind::close);
        incidental.forEach(WatchedKind::close);
        secrets.close();
        if (gateways != null) {
            gateways.close();
        }
        if (events != null) {
            events.close();
        }
        if (ownsClient) {
            boundary.run("closing the client", client::close);
        }
    }

    private TopologyObject prune(Service service) {
        if (events != null) {
            events.look(
                    service,
                    PolicyAnnotations.read(service.getMetadata().getAnnotations())
                            .problems());
        }
        return pruning.prune(service, "");
    }

    private TopologyObject prune(Pod pod) {
        PodObject pruned = pruning.prune(pod, "");
        if (events != null) {
            events.look(pod, pruned.problem().isEmpty() ? List.of() : List.of(pruned.problem()));
        }
        return pruned;
    }

    private String problem() {
        List<String> problems = new ArrayList<>();
        List<String> unwatched = all().stream()
                .filter(watched -> !watched.isWatched() && !watched.isAbsent())
                .map(WatchedKind::toString)
                .toList();
        if (!unwatched.isEmpty()) {
            problems.add("not watched at the moment: " + String.join(", ", unwatched));
        }
        List<String> unlisted = all().stream()
                .filter(watched -> !watched.isRequired() && watched.isSettled() && watched.isUnlisted())
                .map(WatchedKind::toString)
                .toList();
        if (!unlisted.isEmpty()) {
            problems.add("never listed, so that what depends on it is not answered: " + String.join(", ", unlisted));
        }
        List<String> absent = kinds.stream()
                .filter(WatchedKind::isAbsent)
                .map(WatchedKind::toString)
                .toList();
        if (!absent.isEmpty()) {
            problems.add("not installed in the cluster: " + String.join(", ", absent));
        }
        return String.join("; ", problems);
    }

    /** Looks whether the API server is heard, and watches anew what is silent. */
    private void look() throws InterruptedException {
        TimeUnit.MILLISECONDS.sleep(lookInterval.toMillis());
        long now = nanoClock.getAsLong();
        settle(now);
        if (gateways != null) {
            gateways.look(now);
        }
        if (foreign != null) {
            incidental.forEach(watched -> watched.look(now));
            foreign.look(now);
        }
        boolean heard = false;
        for (WatchedKind<?> watched : all()) {
            heard |= watched.look(now);
        }
        List<String> lost = unlisted.get() == 0 ? watches.look(unwatched()) : unwatched();
        if (!lost.isEmpty()) {
            feed.lost("not watched: " + String.join(", ", lost));
            saidLost = true;
        } else if (unwatched().isEmpty() && (heard || saidLost)) {
            feed.heard();
            saidLost = false;
        }
    }

    /** Returns the resource version that each informer has heard last. */
    List<String> versions() {
        return kinds.stream().map(WatchedKind::version).toList();
    }

    /** Who misses one of the kinds that a cluster need not have is not kept from all others for ever. */
    private void settle(long now) {
        if (unlisted.get() == 0
                || !kinds.stream().filter(WatchedKind::isRequired).allMatch(WatchedKind::isSettled)) {
            return;
        }
        if (completeAt == 0) {
            completeAt = now == 0 ? 1 : now;
        } else if (now - completeAt >= Absence.UNKNOWN.toNanos()) {
            for (WatchedKind<?> watched : all()) {
                if (!watched.isSettled()) {
                    logger.error(
                            "{} could not be listed yet; what depends on it is not answered until it is, everything else"
                                    + " is served",
                            watched);
                    watched.settle();
                }
            }
        }
    }

    private void onListed() {
        if (unlisted.decrementAndGet() == 0) {
            feed.heard(); // what was not listed may have been said to be lost
            feed.submit(new TopologyChange.Synced());
        }
    }

    /** Returns what is missed. No endpoint grows old with a kind that a cluster need not have. */
    private List<String> unwatched() {
        return kinds.stream()
                .filter(WatchedKind::isRequired)
                .filter(watched -> !watched.isWatched())
                .map(WatchedKind::toString)
                .toList();
    }

    private void prepareGatewayApi(GatewaySource source) {
        prepareOptional(
                client.namespaces(),
                Namespace::new,
                new ObjectScope(ObjectId.Kind.NAMESPACE, "", ""),
                namespace -> GatewayPruning.prune(namespace, ""));
        gatewayKinds.add(prepareOptional(
                client.resources(GatewayClass.class),
                GatewayClass::new,
                new ObjectScope(ObjectId.Kind.GATEWAY_CLASS, "", ""),
                source::prune));
        for (String namespace : namespaces.isEmpty() ? List.of("") : namespaces) {
            gatewayKinds.add(prepareOptional(
                    in(namespace, client.resources(Gateway.class)),
                    Gateway::new,
                    new ObjectScope(ObjectId.Kind.GATEWAY, namespace, ""),
                    source::prune));
            prepareOptional(
                    in(namespace, client.resources(HTTPRoute.class)),
                    HTTPRoute::new,
                    new ObjectScope(ObjectId.Kind.HTTP_ROUTE, namespace, ""),
                    source::prune);
            prepareOptional(
                    in(namespace, client.resources(GRPCRoute.class)),
                    GRPCRoute::new,
                    new ObjectScope(ObjectId.Kind.GRPC_ROUTE, namespace, ""),
                    source::prune);
            prepareOptional(
                    in(namespace, client.resources(ReferenceGrant.class)),
                    ReferenceGrant::new,
                    new ObjectScope(ObjectId.Kind.REFERENCE_GRANT, namespace, ""),
                    grant -> GatewayPruning.prune(grant, ""));
        }
    }

    /** Begins to watch one Secret. The first state waits for it where it is not complete yet. */
    private WatchedKind<?> watch(ObjectId secret) {
        boolean waitedFor = unlisted.getAndUpdate(others -> others > 0 ? others + 1 : 0) > 0;
        WatchedKind<Secret> watched = new WatchedKind<>(
                client.secrets().inNamespace(secret.namespace()).withName(secret.name()),
                Secret::new,
                new ObjectScope(ObjectId.Kind.SECRET, secret.namespace(), secret.name()),
                object -> GatewayPruning.prune(object, ""),
                feed,
                boundary,
                () -> {
                    if (waitedFor) {
                        onListed();
                    }
                },
                new Absence(nanoClock),
                nanoClock.getAsLong());
        watched.sayUnlisted(""); // before the Gateway comes that names it: that there is none is not known
        watched.start();
        return watched;
    }

    /** Whether it is known which Gateways there are, so that what no Gateway says can be taken for a no. */
    private boolean gatewaysAreKnown() {
        return gatewayKinds.stream().allMatch(WatchedKind::isWatched);
    }

    private List<WatchedKind<?>> all() {
        List<WatchedKind<?>> all = new ArrayList<>(kinds);
        all.addAll(secrets.all());
        return all;
    }

    private static <T extends HasMetadata> Informable<T> in(
            String namespace, MixedOperation<T, ?, ? extends Resource<T>> operation) {
        return namespace.isEmpty() ? operation.inAnyNamespace() : operation.inNamespace(namespace);
    }

    private <T extends HasMetadata> void prepareNamespaced(
            MixedOperation<T, ?, ?> operation,
            Supplier<T> newObject,
            ObjectId.Kind kind,
            Function<T, TopologyObject> prune) {
        if (namespaces.isEmpty()) {
            prepare(operation.inAnyNamespace(), newObject, new ObjectScope(kind, "", ""), prune);
        } else {
            for (String namespace : namespaces) {
                prepare(operation.inNamespace(namespace), newObject, new ObjectScope(kind, namespace, ""), prune);
            }
        }
    }

    private <T extends HasMetadata> void prepare(
            Informable<T> operation, Supplier<T> newObject, ObjectScope scope, Function<T, TopologyObject> prune) {
        kinds.add(new WatchedKind<>(
                operation, newObject, scope, prune, feed, boundary, this::onListed, null, nanoClock.getAsLong()));
    }

    private <T extends HasMetadata> WatchedKind<T> prepareOptional(
            Informable<T> operation, Supplier<T> newObject, ObjectScope scope, Function<T, TopologyObject> prune) {
        WatchedKind<T> watched = new WatchedKind<>(
                operation,
                newObject,
                scope,
                prune,
                gateways == null ? feed : gateways,
                boundary,
                this::onListed,
                new Absence(nanoClock),
                nanoClock.getAsLong());
        kinds.add(watched);
        return watched;
    }
}
