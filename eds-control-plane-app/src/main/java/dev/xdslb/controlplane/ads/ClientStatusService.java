/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.ads;

import dev.xdslb.controlplane.fault.FaultBoundary;
import io.envoyproxy.envoy.service.status.v3.ClientConfig;
import io.envoyproxy.envoy.service.status.v3.ClientStatusDiscoveryServiceGrpc;
import io.envoyproxy.envoy.service.status.v3.ClientStatusRequest;
import io.envoyproxy.envoy.service.status.v3.ClientStatusResponse;
import io.grpc.Status;
import io.grpc.StatusException;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Predicate;

/**
 * The client status discovery service (CSDS): tells tools what each connected client was sent and how it answered.
 *
 * <p>One request is answered at a time, by one thread of its own, stream by stream: however many ask, those that are served
 * endpoints lose no more than a fraction of a thread. Nothing is kept longer than until the next part is written.
 */
final class ClientStatusService extends ClientStatusDiscoveryServiceGrpc.ClientStatusDiscoveryServiceImplBase {
    /** Of a response that comes alone. A client takes 4 MiB by default. */
    static final int MAX_RESPONSE_BYTES = 3 * 1024 * 1024;

    private final OpenStreams streams;
    private final Executor executor;
    private final FaultBoundary boundary;

    /** Creates a service that answers by an executor which runs one task after the other, and refuses too many. */
    ClientStatusService(OpenStreams streams, Executor executor, FaultBoundary boundary) {
        this.streams = streams;
        this.boundary = boundary;
        this.executor = executor;
    }

    @Override
    public void fetchClientStatus(ClientStatusRequest request, StreamObserver<ClientStatusResponse> observer) {
        StatusCaller caller = caller(observer);
        submit(caller, () -> {
            ClientStatusResponse.Builder whole = ClientStatusResponse.newBuilder();
            int[] bytes = {0};
            streams.statuses(matcher(request), part -> {
                bytes[0] += part.getSerializedSize();
                if (bytes[0] > MAX_RESPONSE_BYTES) {
                    throw Status.RESOURCE_EXHAUSTED
                            .withDescription("an answer of more than " + MAX_RESPONSE_BYTES
                                    + " bytes (expected: node_matchers for fewer clients; StreamClientStatus answers"
                                    + " in parts)")
                            .asException();
                }
                whole.addConfig(part);
            });
            caller.send(whole.build());
            caller.complete();
        });
    }

    /** Each request is answered by as many responses as it takes, and by an empty one at least. */
    @Override
    public StreamObserver<ClientStatusRequest> streamClientStatus(StreamObserver<ClientStatusResponse> observer) {
        StatusCaller caller = caller(observer);
        return new StreamObserver<>() {
            @Override
            public void onNext(ClientStatusRequest request) {
                submit(caller, () -> answer(request, caller));
            }

            @Override
            public void onError(Throwable thrown) {} // it has been cancelled

            @Override
            public void onCompleted() {
                submit(caller, caller::complete);
            }
        };
    }

    private static StatusCaller caller(StreamObserver<ClientStatusResponse> observer) {
        return new StatusCaller((ServerCallStreamObserver<ClientStatusResponse>) observer);
    }

    private void answer(ClientStatusRequest request, StatusCaller caller) throws StatusException {
        int[] sent = {0};
        streams.statuses(matcher(request), part -> {
            sent[0]++;
            caller.send(ClientStatusResponse.newBuilder().addConfig(part).build());
        });
        if (sent[0] == 0) {
            caller.send(ClientStatusResponse.getDefaultInstance());
        }
    }

    private static Predicate<Client> matcher(ClientStatusRequest request) throws StatusException {
        try {
            return NodeMatchers.of(request.getNodeMatchersList());
        } catch (IllegalArgumentException e) {
            throw Status.INVALID_ARGUMENT
                    .withDescription("node_matchers: " + e.getMessage())
                    .asException();
        }
    }

    private interface Answer {
        void give() throws StatusException;
    }

    private void submit(StatusCaller caller, Answer answer) {
        try {
            executor.execute(() -> {
                try {
                    answer.give();
                } catch (StatusException e) {
                    caller.fail(e);
                } catch (Throwable thrown) {
                    boundary.failed("a question for the status of clients", thrown);
                    caller.fail(Status.INTERNAL
                            .withDescription("defect of the control plane, see its log")
                            .asException());
                }
            });
        } catch (RejectedExecutionException e) {
            caller.fail(Status.RESOURCE_EXHAUSTED
                    .withDescription("others are being answered, one after the other: try again later")
                    .asException());
        }
    }

    /** Takes parts of an answer; what it throws ends it. */
    interface Parts {
        void add(ClientConfig part) throws StatusException;
    }
}
