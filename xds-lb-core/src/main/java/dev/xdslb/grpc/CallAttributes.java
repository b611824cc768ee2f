/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.grpc;

import dev.xdslb.endpoint.EndpointKey;
import dev.xdslb.strategy.RequestAttributes;
import io.grpc.LoadBalancer.PickSubchannelArgs;
import io.grpc.Metadata;
import java.util.Collection;
import java.util.Iterator;
import org.jspecify.annotations.Nullable;

/** A call as strategies see it. Made for each pick, so it holds nothing of its own. */
final class CallAttributes implements RequestAttributes {
    private final PickSubchannelArgs call;

    CallAttributes(PickSubchannelArgs call) {
        this.call = call;
    }

    @Override
    public @Nullable String header(String name) {
        if (name.endsWith(Metadata.BINARY_HEADER_SUFFIX)) {
            return null; // not text
        }
        Iterable<String> values = call.getHeaders().getAll(Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER));
        if (values == null) {
            return null;
        }
        Iterator<String> iterator = values.iterator();
        return iterator.hasNext() ? iterator.next() : null;
    }

    @Override
    public Collection<EndpointKey> tried() {
        return CallAttempts.triedBy(call.getCallOptions());
    }

    @Override
    public String path() {
        return '/' + call.getMethodDescriptor().getFullMethodName();
    }
}
