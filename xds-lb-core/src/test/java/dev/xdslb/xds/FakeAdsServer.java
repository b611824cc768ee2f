/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.xds;

import dev.xdslb.xds.proto.DeltaDiscoveryRequest;
import dev.xdslb.xds.proto.DeltaDiscoveryResponse;
import dev.xdslb.xds.proto.DiscoveryRequest;
import dev.xdslb.xds.proto.DiscoveryResponse;
import io.grpc.MethodDescriptor;
import io.grpc.Server;
import io.grpc.ServerBuilder;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** A control plane that says what a test tells it to, and writes down what it is asked. */
final class FakeAdsServer implements AutoCloseable {
    /** The streams of either kind, in the order in which they were opened. */
    final List<Stream<DeltaDiscoveryRequest, DeltaDiscoveryResponse>> delta = new CopyOnWriteArrayList<>();

    final List<Stream<DiscoveryRequest, DiscoveryResponse>> sotw = new CopyOnWriteArrayList<>();
    private final Server server;
    private volatile @Nullable Status refusal;

    private FakeAdsServer(ServerBuilder<?> builder, Set<XdsProtocol> serves) throws IOException {
        ServerServiceDefinition.Builder service =
                ServerServiceDefinition.builder("envoy.service.discovery.v3.AggregatedDiscoveryService");
        if (serves.contains(XdsProtocol.DELTA)) {
            addMethod(service, AdsMethods.DELTA, delta);
        }
        if (serves.contains(XdsProtocol.SOTW)) {
            addMethod(service, AdsMethods.SOTW, sotw);
        }
        server = builder.addService(service.build()).build().start();
    }

    static FakeAdsServer start(ServerBuilder<?> builder, XdsProtocol... serves) throws IOException {
        return new FakeAdsServer(builder, Set.of(serves));
    }

    int port() {
        return server.getPort();
    }

    /** Ends every stream that is opened from now on with this status; null takes them again. */
    void refuse(@Nullable Status status) {
        refusal = status;
    }

    Stream<DeltaDiscoveryRequest, DeltaDiscoveryResponse> newestDelta() {
        return delta.get(delta.size() - 1);
    }

    Stream<DiscoveryRequest, DiscoveryResponse> newestSotw() {
        return sotw.get(sotw.size() - 1);
    }

    @Override
    public void close() {
        server.shutdownNow();
    }

    private <Q, A> void addMethod(
            ServerServiceDefinition.Builder service, MethodDescriptor<Q, A> method, List<Stream<Q, A>> streams) {
        service.addMethod(method, ServerCalls.asyncBidiStreamingCall(answers -> {
            Stream<Q, A> stream = new Stream<>(answers, FakeAdsServer::isAboutClusters);
            streams.add(stream);
            Status refused = refusal;
            if (refused != null) {
                answers.onError(refused.asRuntimeException());
            }
            return stream;
        }));
    }

    private static boolean isAboutClusters(Object request) {
        String typeUrl = request instanceof DeltaDiscoveryRequest delta
                ? delta.getTypeUrl()
                : ((DiscoveryRequest) request).getTypeUrl();
        return typeUrl.equals(AdsMethods.CLUSTERS_TYPE_URL);
    }

    /** One stream, seen from the server. Clusters, which are asked for beside all endpoints, are kept apart. */
    static final class Stream<Q, A> implements StreamObserver<Q> {
        final List<Q> requests = new CopyOnWriteArrayList<>();
        final List<Q> clusterRequests = new CopyOnWriteArrayList<>();
        private final StreamObserver<A> answers;
        private final Predicate<Object> aboutClusters;
        private volatile @Nullable Q first; // of either
        private volatile boolean ended;

        Stream(StreamObserver<A> answers, Predicate<Object> aboutClusters) {
            this.answers = answers;
            this.aboutClusters = aboutClusters;
        }

        /** Returns the request that the client introduced itself in. */
        Q first() {
            return Objects.requireNonNull(first);
        }

        Q newestClusterRequest() {
            return clusterRequests.get(clusterRequests.size() - 1);
        }

        Q newestRequest() {
            return requests.get(requests.size() - 1);
        }

        void send(A answer) {
            answers.onNext(answer);
        }

        void fail(Status status) {
            answers.onError(status.asRuntimeException());
        }

        /** Whether the client has given the stream up. */
        boolean ended() {
            return ended;
        }

        @Override
        public void onNext(Q request) {
            if (first == null) {
                first = request;
            }
            (aboutClusters.test(request) ? clusterRequests : requests).add(request);
        }

        @Override
        public void onError(Throwable t) {
            ended = true;
        }

        @Override
        public void onCompleted() {
            ended = true;
        }
    }
}
