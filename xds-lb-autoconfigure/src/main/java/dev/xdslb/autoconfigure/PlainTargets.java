/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.autoconfigure;

import dev.xdslb.cluster.ServiceReference;
import io.grpc.NameResolver;
import io.grpc.NameResolverProvider;
import io.grpc.NameResolverRegistry;
import io.grpc.Status;
import io.grpc.StatusOr;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.URI;
import java.util.Collection;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Resolves the targets of gRPC channels where xds-lb is switched off: a target with the number of a port is looked up as any
 * host is, and Kubernetes balances its connections. Other targets cannot be looked up; their calls fail and say why.
 */
final class PlainTargets extends NameResolverProvider {
    private static final String SCHEME = "xdslb";

    /** Below that of the resolver that balances: another application of this process may have it, and the registry is the process's. */
    private static final int PRIORITY = 3;

    private final NameResolverRegistry registry;

    PlainTargets(NameResolverRegistry registry) {
        this.registry = registry;
    }

    @Override
    protected boolean isAvailable() {
        return true;
    }

    @Override
    protected int priority() {
        return PRIORITY;
    }

    @Override
    public String getDefaultScheme() {
        return SCHEME;
    }

    @Override
    public Collection<Class<? extends SocketAddress>> getProducedSocketAddressTypes() {
        return Set.of(InetSocketAddress.class);
    }

    @Override
    public @Nullable NameResolver newNameResolver(URI target, NameResolver.Args args) {
        if (!SCHEME.equals(target.getScheme())) {
            return null;
        }
        String path = target.getPath();
        ServiceReference service = parse(path == null ? "" : path.startsWith("/") ? path.substring(1) : path);
        NameResolverProvider dns = registry.getProviderForScheme("dns");
        if (service == null
                || dns == null
                || !service.port().chars().allMatch(Character::isDigit)
                || service.port().isEmpty()) {
            return new Failing(target, service);
        }
        NameResolver resolver =
                dns.newNameResolver(URI.create("dns:///" + service.authority() + ':' + service.port()), args);
        return resolver == null ? new Failing(target, service) : resolver;
    }

    private static @Nullable ServiceReference parse(String name) {
        try {
            return ServiceReference.parse(name);
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    /** Fails every call. */
    private static final class Failing extends NameResolver {
        private final URI target;
        private final @Nullable ServiceReference service;

        private Failing(URI target, @Nullable ServiceReference service) {
            this.target = target;
            this.service = service;
        }

        @Override
        public String getServiceAuthority() {
            return service == null ? "unknown" : service.authority();
        }

        @Override
        public void start(Listener2 listener) {
            listener.onResult2(ResolutionResult.newBuilder()
                    .setAddressesOrError(StatusOr.fromStatus(Status.UNAVAILABLE.withDescription(target
                            + ": xds-lb.enabled is false, and without it a name is looked up by DNS, which needs the number of"
                            + " the port (expected: xdslb:///<service>.<namespace>:<number>)")))
                    .build());
        }

        @Override
        public void refresh() {
            // It stays as it is.
        }

        @Override
        public void shutdown() {
            // There is nothing to end.
        }
    }
}
