/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.grpc;

import dev.xdslb.endpoint.EndpointKey;
import io.grpc.EquivalentAddressGroup;
import io.grpc.LoadBalancer.Helper;
import io.grpc.NameResolver;
import io.grpc.Status;
import io.grpc.StatusOr;
import io.grpc.SynchronizationContext;
import io.grpc.SynchronizationContext.ScheduledHandle;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The addresses of an endpoint that is given by a host name, found as {@code dns:///} finds them: by the channel's own DNS
 * resolver, off the synchronization context, and again after a failed connection, but not more often than that resolver
 * allows (every 30 s unless {@code networkaddress.cache.ttl} says otherwise).
 *
 * <p>All methods run in the channel's synchronization context, and so do the callbacks.
 */
final class HostAddresses {
    /** How often an endpoint that cannot be connected to is looked up; gRPC's DNS resolver looks no earlier by default. */
    private static final Duration LOOK_UP_EVERY = Duration.ofSeconds(30);

    /** From when on a name that cannot be resolved is tried again, doubled each time up to {@link #LOOK_UP_EVERY}. */
    private static final Duration FIRST_RETRY = Duration.ofSeconds(1);

    private static final String OCTET = "(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])";
    private static final Pattern IPV4 = Pattern.compile("(" + OCTET + "\\.){3}" + OCTET);

    private final Helper helper;
    private final EndpointKey key;
    private final Consumer<List<EquivalentAddressGroup>> onAddresses;
    private final Consumer<Status> onError;
    private @Nullable NameResolver resolver; // null before the start, and where the channel has none for DNS
    private @Nullable ScheduledHandle next; // the next look-up, null while everything works
    private Duration retry = FIRST_RETRY;
    private boolean shutdown;

    /**
     * Makes one that has not asked yet.
     *
     * @param onAddresses told each time they were found, none of them empty
     * @param onError told each time they could not be found
     */
    HostAddresses(
            Helper helper,
            EndpointKey key,
            Consumer<List<EquivalentAddressGroup>> onAddresses,
            Consumer<Status> onError) {
        this.helper = helper;
        this.key = key;
        this.onAddresses = onAddresses;
        this.onError = onError;
    }

    /** Returns whether a host is an IP address, which is never looked up. */
    static boolean isLiteral(String host) {
        return host.indexOf(':') >= 0 || IPV4.matcher(host).matches();
    }

    void start() {
        try {
            URI target = new URI("dns", "", '/' + key.address(), null);
            resolver =
                    helper.getNameResolverRegistry().asFactory().newNameResolver(target, helper.getNameResolverArgs());
        } catch (URISyntaxException | IllegalArgumentException e) {
            onError.accept(Status.UNAVAILABLE
                    .withDescription(key.address() + " (expected: an address, or a name that DNS knows)")
                    .withCause(e));
            return;
        }
        if (resolver == null) {
            onError.accept(Status.UNAVAILABLE.withDescription(
                    key.address() + " is a name, and this channel has no resolver for \"dns\""));
            return;
        }
        resolver.start(new Listener());
    }

    /** Says that the connection failed or was lost: the name may stand for other addresses by now. */
    void connectionFailed() {
        if (resolver != null && !shutdown) {
            resolver.refresh();
            lookUpIn(LOOK_UP_EVERY);
        }
    }

    /** Says that there is a connection. */
    void connectionWorks() {
        if (next != null) {
            next.cancel();
            next = null;
        }
    }

    void shutdown() {
        shutdown = true;
        connectionWorks();
        if (resolver != null) {
            resolver.shutdown();
        }
    }

    private void lookUpIn(Duration delay) {
        if (next == null) {
            next = helper.getSynchronizationContext()
                    .schedule(
                            () -> {
                                next = null;
                                connectionFailed();
                            },
                            delay.toNanos(),
                            TimeUnit.NANOSECONDS,
                            helper.getScheduledExecutorService());
        }
    }

    private void found(StatusOr<List<EquivalentAddressGroup>> found) {
        if (shutdown) {
            return;
        }
        if (!found.hasValue() || found.getValue().isEmpty()) {
            failed(
                    found.hasValue()
                            ? Status.UNAVAILABLE.withDescription("DNS has no address for " + key.host())
                            : found.getStatus());
            return;
        }
        retry = FIRST_RETRY;
        connectionWorks();
        onAddresses.accept(found.getValue());
    }

    private void failed(Status error) {
        if (shutdown) {
            return;
        }
        connectionWorks();
        lookUpIn(retry);
        Duration doubled = retry.multipliedBy(2);
        retry = doubled.compareTo(LOOK_UP_EVERY) < 0 ? doubled : LOOK_UP_EVERY;
        onError.accept(error);
    }

    private final class Listener extends NameResolver.Listener2 {
        private final SynchronizationContext context = helper.getSynchronizationContext();

        @Override
        public void onResult(NameResolver.ResolutionResult result) {
            context.execute(() -> found(result.getAddressesOrError()));
        }

        @Override
        public Status onResult2(NameResolver.ResolutionResult result) {
            found(result.getAddressesOrError());
            return Status.OK;
        }

        @Override
        public void onError(Status error) {
            context.execute(() -> failed(error));
        }
    }
}
