/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.sample.demo;

import dev.xdslb.sample.backend.BackendPod;
import io.grpc.CallOptions;
import io.grpc.ConnectivityState;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.netty.NettyChannelBuilder;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/**
 * One connection to whichever pod was drawn when it was opened. When it breaks, or cannot be opened, it is opened anew and
 * drawn anew. Replaced by the channel's and the timer's threads, read by the caller.
 */
final class PinnedConnection implements AutoCloseable {
    /** Before a broken connection is opened anew. Kind: grpc-java itself waits about 1 s after a failed attempt. */
    private static final Duration PAUSE = Duration.ofMillis(100);

    private static final Metadata.Key<String> CLIENT =
            Metadata.Key.of(BackendPod.CLIENT, Metadata.ASCII_STRING_MARSHALLER);

    private final Supplier<List<DemoPod>> ready;
    private final RandomGenerator random;
    private final ScheduledExecutorService timer;
    private volatile Target target;
    private volatile boolean closed;

    PinnedConnection(Supplier<List<DemoPod>> ready, RandomGenerator random, ScheduledExecutorService timer) {
        this.ready = ready;
        this.random = random;
        this.timer = timer;
        this.target = open();
        watch(target);
    }

    /** Returns the pod that it leads to. */
    String pod() {
        return target.pod();
    }

    void send(MeasuredRequest request) {
        Target now = target;
        Metadata headers = new Metadata();
        headers.put(CLIENT, ClientKind.PINNED.id());
        request.sentTo(now.pod());
        OrderCall.start(now.channel(), CallOptions.DEFAULT, headers, request);
    }

    @Override
    public void close() {
        closed = true;
        target.channel().shutdownNow();
    }

    private Target open() {
        List<DemoPod> candidates = ready.get();
        if (candidates.isEmpty()) {
            throw new IllegalStateException("no pod is ready (expected: at least one)");
        }
        DemoPod pod = candidates.get(random.nextInt(candidates.size()));
        // An address and not a name: net.devh makes its resolver of service ids the default one for names.
        ManagedChannel channel = NettyChannelBuilder.forAddress(new InetSocketAddress(
                        InetAddress.getLoopbackAddress(), pod.server().grpcPort()))
                .usePlaintext()
                .disableRetry()
                .build();
        return new Target(pod.name(), channel);
    }

    private void watch(Target watched) {
        ConnectivityState state = watched.channel().getState(true);
        if (state == ConnectivityState.TRANSIENT_FAILURE) {
            reopenAfterPause(watched);
            return;
        }
        watched.channel().notifyWhenStateChanged(state, () -> {
            boolean broke = state == ConnectivityState.READY;
            if (broke) {
                reopenAfterPause(watched);
            } else {
                watch(watched);
            }
        });
    }

    private void reopenAfterPause(Target broken) {
        if (closed) {
            return;
        }
        try {
            var unused = timer.schedule(() -> reopen(broken), PAUSE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException e) {
            closed = true; // the demo ends
        }
    }

    private void reopen(Target broken) {
        broken.channel().shutdownNow();
        if (closed) {
            return;
        }
        if (ready.get().isEmpty()) {
            reopenAfterPause(broken);
            return;
        }
        target = open();
        watch(target);
    }

    private record Target(String pod, ManagedChannel channel) {}
}
