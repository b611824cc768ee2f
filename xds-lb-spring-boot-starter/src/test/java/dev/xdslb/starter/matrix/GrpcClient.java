/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.starter.matrix;

import dev.xdslb.grpc.GrpcRegistration;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.Status;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.springframework.context.ApplicationContext;

/** A channel of an application with the starter, for calls of one kind. */
final class GrpcClient implements Client, AutoCloseable {
    private static final long DEADLINE_MILLIS = 1_000;

    private static final Set<Outcome> POSSIBLE = Set.of(
            Outcome.OK,
            Outcome.MISSING,
            Outcome.BUSY,
            Outcome.ERROR,
            Outcome.HANG,
            Outcome.CANCEL_BEFORE_HEADERS,
            Outcome.CANCEL_WITHIN_BODY,
            Outcome.EVENTS,
            Outcome.RETRIED,
            Outcome.RETRIES_EXHAUSTED);

    private final MethodType kind;
    private final ManagedChannel channel;

    GrpcClient(GrpcRegistration registration, MethodType kind) {
        this.kind = kind;
        String target = "xdslb:///" + service(kind) + ":grpc";
        ManagedChannelBuilder<?> builder =
                ManagedChannelBuilder.forTarget(target).usePlaintext();
        registration.bind(builder, target);
        channel = builder.build();
    }

    private static String service(MethodType kind) {
        return "grpc-" + kind.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    static boolean isPossible(Outcome outcome) {
        return POSSIBLE.contains(outcome);
    }

    @Override
    public String title() {
        return "gRPC, " + kind;
    }

    @Override
    public String toString() {
        return title();
    }

    @Override
    public void call(ApplicationContext application, Caller caller) throws Exception {
        int tries = caller.outcome().isRetried() ? 3 : 1;
        Status status = Status.UNKNOWN;
        for (int i = 0; i < tries && !status.isOk(); i++) {
            status = once(caller);
        }
        if (!status.isOk()) {
            throw status.asException();
        }
    }

    private Status once(Caller caller) throws Exception {
        CompletableFuture<Status> end = new CompletableFuture<>();
        ClientCall<String, String> call = channel.newCall(
                GrpcPod.method(caller.outcome().path(), kind),
                CallOptions.DEFAULT.withDeadlineAfter(DEADLINE_MILLIS, TimeUnit.MILLISECONDS));
        caller.cancelledBy(() -> call.cancel("by the test", null));
        call.start(
                new ClientCall.Listener<>() {
                    @Override
                    public void onMessage(String message) {
                        caller.begun().complete(null);
                    }

                    @Override
                    public void onClose(Status status, Metadata trailers) {
                        end.complete(status);
                    }
                },
                new Metadata());
        call.request(Integer.MAX_VALUE);
        call.sendMessage("one");
        if (!kind.clientSendsOneMessage()) {
            call.sendMessage("two");
        }
        call.halfClose();
        if (caller.outcome() == Outcome.EVENTS) {
            var unused = caller.patience().thenRun(() -> call.cancel("has heard enough", null));
        }
        return end.get();
    }

    @Override
    public void close() {
        channel.shutdownNow();
    }
}
