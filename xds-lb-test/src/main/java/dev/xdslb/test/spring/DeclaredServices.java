/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.test.spring;

import dev.xdslb.cluster.ClusterRegistry;
import dev.xdslb.cluster.ServiceReference;
import dev.xdslb.endpoint.Endpoint;
import dev.xdslb.endpoint.EndpointHealth;
import dev.xdslb.springcloud.ServiceNames;
import dev.xdslb.test.RequestLedger;
import dev.xdslb.test.SentRequests;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.core.env.Environment;

/**
 * The services of a test, to be changed while it runs. A bean of each context whose test declares services with
 * {@link DeclaredService} or {@link AutoConfigureXdsLb}.
 *
 * <pre>{@code
 * @Autowired DeclaredServices services;
 *
 * services.declare("orders", firstServer, secondServer);
 * services.unready("orders", firstServer);
 * }</pre>
 *
 * <p>A service is named as the application names it. Its endpoints are given as in {@link DeclaredService}: endpoints, addresses,
 * ports of this machine or servers that know theirs. A change is in effect when the method returns; a gRPC channel follows at its own
 * pace. The next test method begins with what its class declares. Thread-safe, but tests that change what another one uses in the same
 * context are not to run beside it.
 */
public final class DeclaredServices {
    private final DeclaredServiceSource source;
    private final ObjectProvider<ServiceNames> names;
    private final ObjectProvider<ClusterRegistry> clusters;
    private final Environment environment;
    private int test; // whose endpoints they are; guarded by this
    private @Nullable RequestLedger ledger; // since the test began, null before; guarded by this
    private final Set<ServiceReference> ofTheTest = new LinkedHashSet<>(); // withdrawn or not; guarded by this

    DeclaredServices(
            DeclaredServiceSource source,
            ObjectProvider<ServiceNames> names,
            ObjectProvider<ClusterRegistry> clusters,
            Environment environment) {
        this.source = source;
        this.names = names;
        this.clusters = clusters;
        this.environment = environment;
    }

    /**
     * Declares a service, or replaces the endpoints that it had.
     *
     * @param service as the application names it
     * @param endpoints all of them; none is a service that is scaled to zero
     */
    public synchronized void declare(String service, Object... endpoints) {
        change(new ServiceEndpoints(service, given(service, endpoints)));
    }

    /** Makes a service one that does not exist. */
    public synchronized void withdraw(String service) {
        look();
        source.withdraw(resource(service));
    }

    /** Adds endpoints to a service. */
    public synchronized void add(String service, Object... endpoints) {
        change(present(service).plus(given(service, endpoints)));
    }

    /** Takes endpoints of a service away, as where their pods are deleted. */
    public synchronized void remove(String service, Object... endpoints) {
        change(present(service).minus(given(service, endpoints)));
    }

    /** Makes endpoints of a service unready: they get no new request. */
    public synchronized void unready(String service, Object... endpoints) {
        change(present(service).with(EndpointHealth.UNHEALTHY, given(service, endpoints)));
    }

    /** Makes endpoints of a service ready again. */
    public synchronized void ready(String service, Object... endpoints) {
        change(present(service).with(EndpointHealth.HEALTHY, given(service, endpoints)));
    }

    /**
     * Returns the endpoints of a service, ready or not.
     *
     * @throws IllegalArgumentException when it is not declared
     */
    public synchronized List<Endpoint> endpoints(String service) {
        List<Endpoint> endpoints = source.declared(resource(service));
        if (endpoints == null) {
            throw new IllegalArgumentException(
                    "service: \"" + service + "\" (expected: one that is declared, which are " + source.names() + ")");
        }
        return endpoints;
    }

    /**
     * Returns the requests that went to a service since the test method began. Goes on counting.
     *
     * @throws IllegalArgumentException when the test has not declared it, as where the name is mistyped: no request would ever be found
     */
    public synchronized SentRequests requests(String service) {
        ServiceReference reference = reference(service);
        if (ofTheTest.stream().noneMatch(declared -> isPartOf(reference, declared))) {
            throw new IllegalArgumentException("service: \"" + service
                    + "\" (expected: one that the test has declared, which are "
                    + (ofTheTest.isEmpty()
                            ? "none"
                            : ofTheTest.stream()
                                    .map(ServiceReference::resource)
                                    .sorted()
                                    .collect(Collectors.joining(", ")))
                    + ")");
        }
        if (ledger == null) {
            ledger = new RequestLedger(inUse(clusters, "the registry of clusters"));
        }
        return ledger.to(reference);
    }

    /** One that is declared without a port has all ports, and requests to all ports are those to each. */
    private static boolean isPartOf(ServiceReference asked, ServiceReference declared) {
        return asked.authority().equals(declared.authority())
                && (asked.port().isEmpty()
                        || declared.port().isEmpty()
                        || asked.port().equals(declared.port()));
    }

    /** Begins with the context: what is declared is there as far as it is known, since an application may ask while it starts. */
    synchronized void begin(Collection<Declaration> declarations) {
        replaceAll(declarations, false);
    }

    /** Begins a test method: what is declared takes the place of what there was, and the counting begins. */
    synchronized void beginTest(Collection<Declaration> declarations) {
        if (declarations.isEmpty() && names.getIfAvailable() == null) {
            return; // whoever only has the bean is told when it is used
        }
        test++;
        ofTheTest.clear();
        replaceAll(declarations, true);
        ClusterRegistry registry = clusters.getIfAvailable();
        ledger = registry == null ? null : new RequestLedger(registry);
    }

    private void replaceAll(Collection<Declaration> declarations, boolean allMustBeKnown) {
        Map<String, List<Endpoint>> services = new LinkedHashMap<>();
        for (Declaration declaration : declarations) {
            List<Endpoint> all =
                    services.computeIfAbsent(resource(declaration.service()), resource -> new ArrayList<>());
            try {
                all.addAll(ofThisTest(declaration.endpoints(environment::resolveRequiredPlaceholders)));
            } catch (NotKnownYetException e) {
                if (allMustBeKnown) {
                    throw e;
                }
            }
        }
        services.replaceAll((resource, all) -> new ServiceEndpoints(resource, all).all());
        services.keySet().forEach(resource -> ofTheTest.add(ServiceReference.parse(resource)));
        source.replaceAll(services);
    }

    /** Looks whether the clusters of the application take their endpoints from here. */
    void checkInUse() {
        ClusterRegistry registry = clusters.getIfAvailable();
        if (registry != null && registry.source() != source) {
            throw new IllegalStateException(
                    "the test declares services, but the application's ClusterRegistry has another"
                            + " source, " + registry.source().description()
                            + ": in the test, leave the registry to the auto-configuration of xds-lb");
        }
    }

    DeclaredServiceSource source() {
        return source;
    }

    private ServiceEndpoints present(String service) {
        return new ServiceEndpoints(service, endpoints(service));
    }

    private void change(ServiceEndpoints changed) {
        look();
        ServiceReference reference = reference(changed.service());
        ofTheTest.add(reference);
        source.declare(reference.resource(), changed.all());
    }

    /** Keeps what endpoints have counted that may leave now. */
    private void look() {
        if (ledger != null) {
            ledger.look();
        }
    }

    private List<Endpoint> given(String service, Object... endpoints) {
        UnaryOperator<String> placeholders = environment::resolveRequiredPlaceholders;
        return ofThisTest(new GivenEndpoints("an endpoint of \"" + service + "\"", placeholders).of(endpoints));
    }

    /** Gives each a uid of its own for this test method, so that nothing is known of it from an earlier one. */
    private List<Endpoint> ofThisTest(List<Endpoint> endpoints) {
        return endpoints.stream()
                .map(endpoint -> {
                    String given = endpoint.key().podUid();
                    return ServiceEndpoints.copy(
                            endpoint, (given.isEmpty() ? "" : given + '-') + "test-" + test, endpoint.health());
                })
                .toList();
    }

    private String resource(String service) {
        return reference(service).resource();
    }

    private ServiceReference reference(String service) {
        ServiceNames known = inUse(names, "the mapping of service names");
        ServiceReference reference = known.reference(withoutPort(service));
        String port = ServiceReference.parse(
                        service.indexOf(':') < 0 ? "any" : "any" + service.substring(service.indexOf(':')))
                .port();
        return port.isEmpty() ? reference : new ServiceReference(reference.service(), reference.namespace(), port);
    }

    private static String withoutPort(String service) {
        int colon = service.indexOf(':');
        return colon < 0 ? service : service.substring(0, colon);
    }

    private <T> T inUse(ObjectProvider<T> bean, String what) {
        T present = bean.getIfAvailable();
        if (present != null) {
            return present;
        }
        throw new IllegalStateException("the test declares services, but "
                + (environment.getProperty("xds-lb.enabled", Boolean.class, true)
                        ? what
                                + " is not part of this context, which may be that of a slice: add @AutoConfigureXdsLb to"
                                + " the test class"
                        : "xds-lb.enabled=false in this context: set xds-lb.enabled=true in the test's properties"));
    }
}
