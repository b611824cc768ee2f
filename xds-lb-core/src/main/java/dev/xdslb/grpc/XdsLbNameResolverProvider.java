/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.grpc;

import io.grpc.NameResolver;
import io.grpc.NameResolverProvider;
import java.net.URI;
import org.jspecify.annotations.Nullable;

/** Makes the resolvers of one registration's channels. */
final class XdsLbNameResolverProvider extends NameResolverProvider {
    /** Below that of DNS (5): the highest priority becomes the scheme of every target that names none. */
    private static final int PRIORITY = 4;

    private final GrpcRegistration registration;

    XdsLbNameResolverProvider(GrpcRegistration registration) {
        this.registration = registration;
    }

    @Override
    public @Nullable NameResolver newNameResolver(URI target, NameResolver.Args args) {
        if (!XdsLbGrpc.SCHEME.equals(target.getScheme())) {
            return null;
        }
        GrpcRegistration bound = args.getArg(XdsLbGrpc.REGISTRATION);
        GrpcRegistration used = bound == null ? registration : bound;
        return new XdsLbNameResolver(GrpcTarget.parse(target, used.defaultNamespace()), used, args);
    }

    @Override
    public String getScheme() {
        return XdsLbGrpc.SCHEME;
    }

    @Override
    public String getDefaultScheme() {
        return XdsLbGrpc.SCHEME;
    }

    @Override
    protected boolean isAvailable() {
        return true;
    }

    @Override
    protected int priority() {
        return PRIORITY;
    }
}
