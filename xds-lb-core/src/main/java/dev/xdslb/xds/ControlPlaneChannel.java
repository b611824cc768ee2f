/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.xds;

import static java.util.Objects.requireNonNull;

import io.grpc.ManagedChannel;
import io.grpc.Status;
import java.io.IOException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The channel to the control plane, built anew after it could not connect: the back-off of the old one must not delay our
 * next attempt, nor its last error be taken for the news.
 *
 * <p>Confined to the client's executor, but for the name of the host, which is looked up elsewhere because that blocks.
 */
final class ControlPlaneChannel {
    /** Room for the lists of a whole large cluster in one answer; gRPC's default of 4 MiB is 20,000 endpoints. */
    private static final int MAX_ANSWER_BYTES = 64 << 20;

    private final XdsClientSettings settings;
    private final SerialExecutor executor;
    private final Executor lookup;
    private @Nullable ManagedChannel channel;

    /**
     * Makes no channel yet.
     *
     * @param lookup runs what blocks
     */
    ControlPlaneChannel(XdsClientSettings settings, SerialExecutor executor, Executor lookup) {
        this.settings = settings;
        this.executor = executor;
        this.lookup = lookup;
    }

    /** Says, perhaps later, whether {@link #get()} may be called now. */
    void prepare(Consumer<Status> next) {
        if (channel != null) {
            next.accept(Status.OK);
            return;
        }
        lookup.execute(() -> {
            Status result = resolve();
            executor.execute(() -> next.accept(result));
        });
    }

    /**
     * Returns the channel, a new one where there is none.
     *
     * @throws RuntimeException when there is no transport on the class path, or the factory fails
     */
    ManagedChannel get() {
        if (channel == null) {
            channel = settings.channelFactory()
                    .newChannelBuilder(settings.address())
                    .keepAliveTime(settings.keepAliveTime().toNanos(), TimeUnit.NANOSECONDS)
                    .keepAliveTimeout(settings.keepAliveTimeout().toNanos(), TimeUnit.NANOSECONDS)
                    .maxInboundMessageSize(MAX_ANSWER_BYTES)
                    .disableRetry()
                    .disableServiceConfigLookUp()
                    .build();
        }
        return requireNonNull(channel);
    }

    void drop() {
        if (channel != null) {
            channel.shutdownNow();
            channel = null;
        }
    }

    private Status resolve() {
        try {
            settings.channelFactory().resolve(settings.address());
            return Status.OK;
        } catch (IOException | RuntimeException | Error e) {
            return Status.UNAVAILABLE
                    .withDescription("the host cannot be resolved")
                    .withCause(e);
        }
    }
}
