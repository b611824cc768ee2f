/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.xds;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import dev.xdslb.xds.proto.DeltaDiscoveryRequest;
import dev.xdslb.xds.proto.Resource;
import io.grpc.Grpc;
import io.grpc.InsecureServerCredentials;
import java.io.IOException;
import java.util.List;
import java.util.stream.Stream;

/** A control plane on a real port, for tests of what is built on the client. */
public final class ScriptedControlPlane implements AutoCloseable {
    private final FakeAdsServer server;

    private ScriptedControlPlane(FakeAdsServer server) {
        this.server = server;
    }

    public static ScriptedControlPlane start() throws IOException {
        return new ScriptedControlPlane(FakeAdsServer.start(
                Grpc.newServerBuilderForPort(0, InsecureServerCredentials.create()), XdsProtocol.DELTA));
    }

    public String address() {
        return "127.0.0.1:" + server.port();
    }

    /** Returns every name that was asked for, on whichever stream. */
    public List<String> asked() {
        return requests()
                .flatMap(request -> request.getResourceNamesSubscribeList().stream())
                .toList();
    }

    /** Returns the namespace that the client says it is in. */
    public String clientNamespace() {
        return server.delta
                .get(0)
                .first()
                .getNode()
                .getMetadata()
                .getFieldsOrThrow("namespace")
                .getStringValue();
    }

    /** Says on the newest stream that a resource has these endpoints, each {@code host:port}. */
    public void answer(String resource, String version, String... addresses) {
        server.newestDelta()
                .send(Answers.delta("nonce-" + version)
                        .addResources(Answers.resource(resource, version, addresses))
                        .build());
    }

    /** Says on the newest stream what the cluster of a resource is like, in the published message. */
    public void answerCluster(String resource, String version, byte[] cluster) {
        server.newestDelta()
                .send(Answers.clusterDelta("nonce-" + version)
                        .addResources(Resource.newBuilder()
                                .setName(resource)
                                .setVersion(version)
                                .setResource(Any.newBuilder()
                                        .setTypeUrl(AdsMethods.CLUSTERS_TYPE_URL)
                                        .setValue(ByteString.copyFrom(cluster))))
                        .build());
    }

    /** Says on the newest stream where the client runs. */
    public void answerPlace(String name, String zone, String... services) {
        server.newestDelta()
                .send(Answers.placeDelta("nonce-place")
                        .addResources(Answers.place(name, "1", zone, services))
                        .build());
    }

    /** Whether the client has given the newest stream up. */
    public boolean streamEnded() {
        return server.newestDelta().ended();
    }

    @Override
    public void close() {
        server.close();
    }

    private Stream<DeltaDiscoveryRequest> requests() {
        return server.delta.stream().flatMap(stream -> stream.requests.stream());
    }
}
