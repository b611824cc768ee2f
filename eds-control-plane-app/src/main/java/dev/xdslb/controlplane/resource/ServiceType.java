/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.resource;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import dev.xdslb.controlplane.ads.ClientVariant;
import dev.xdslb.controlplane.ads.EncodedResource;
import dev.xdslb.controlplane.ads.Lookup;
import dev.xdslb.controlplane.ads.ResourceType;
import dev.xdslb.controlplane.topology.ServiceView;
import dev.xdslb.controlplane.topology.ServiceView.PortView;
import dev.xdslb.controlplane.topology.TopologyListener.ServiceChange;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A type whose resources are each made of one port of a service, and named after it ({@link ResourceName}): what differs
 * is the message that is made of it, and for whom it differs.
 */
abstract class ServiceType implements ServedType {
    private final ResourceType type;
    private final ServiceCatalog catalog;

    ServiceType(ResourceType type, ServiceCatalog catalog) {
        this.type = type;
        this.catalog = catalog;
    }

    /** Makes the message for subscribers that {@link #audience} has returned; a type that writes its bytes itself makes none. */
    Message translate(String name, ServiceView service, PortView port, Audience audience) {
        throw new UnsupportedOperationException(type + " writes its bytes itself");
    }

    /** Makes the bytes of that message, the same in every replica; what others have, too, may be taken from what is shared. */
    ByteString encode(String name, ServiceView service, PortView port, Audience audience, SharedBlocks.Use shared) {
        return ByteString.copyFrom(ResourceEncoding.deterministicBytes(translate(name, service, port, audience)));
    }

    /** Returns the one for all variants that get the same bytes, so that they share one encoding. */
    abstract Audience audience(ServiceResources service, PortView port, ClientVariant variant);

    /** Returns what a state-of-the-world client gets under a name that does not exist; null for nothing. */
    @Nullable
    Message placeholder(String requestedName, ClientVariant variant) {
        return null;
    }

    /** Returns whether resources of this type look different after this change of a service. */
    abstract Predicate<ServiceChange> touches();

    @Override
    public ResourceType type() {
        return type;
    }

    @Override
    public Lookup lookup(String requestedName, ClientVariant variant) {
        ServiceCatalog.Answer answer = catalog.find(requestedName, variant);
        if (answer instanceof ServiceCatalog.Answer.Port found) {
            EncodedResource resource = found.service().get(this, requestedName, found.port(), variant);
            return resource == null ? new Lookup.Unknown() : new Lookup.Found(resource);
        }
        ServiceCatalog.Answer.None none = (ServiceCatalog.Answer.None) answer;
        Message placeholder = placeholder(requestedName, variant);
        return new Lookup.Missing(
                none.code(),
                none.message(),
                placeholder == null ? null : ResourceEncoding.encode(type, requestedName, placeholder));
    }

    @Override
    public String dependencyKey(String requestedName, ClientVariant variant) {
        ResourceName name = catalog.name(requestedName, variant);
        return name == null ? requestedName : name.service().toString();
    }

    @Override
    public Set<String> touchedBy(List<ServiceChange> changes) {
        Set<String> keys = new LinkedHashSet<>();
        changes.stream()
                .filter(touches())
                .forEach(change -> keys.add(change.key().toString()));
        return keys;
    }

    ServiceCatalog catalog() {
        return catalog;
    }
}
