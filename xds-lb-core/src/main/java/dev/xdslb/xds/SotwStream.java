/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.xds;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.xdslb.xds.AdsAnswer.Offer;
import dev.xdslb.xds.proto.DiscoveryRequest;
import dev.xdslb.xds.proto.DiscoveryResponse;
import dev.xdslb.xds.proto.Node;
import dev.xdslb.xds.proto.Resource;
import io.grpc.Channel;
import java.util.List;
import java.util.Set;

/** The state-of-the-world variant. Every request names all resources; one that an answer leaves out is unchanged. */
final class SotwStream extends AdsStream<DiscoveryRequest, DiscoveryResponse> {
    private final Node node;
    private boolean introduced;

    SotwStream(Channel channel, SerialExecutor executor, Node node, List<ResourceTable<?>> types, Owner owner) {
        super(AdsMethods.SOTW, channel, executor, types, owner);
        this.node = node;
    }

    @Override
    DiscoveryRequest changes(TypeExchange exchange, Set<String> wanted) {
        String version = exchange.first ? exchange.type.sotwVersionToResume() : exchange.type.sotwVersion();
        DiscoveryRequest.Builder request = request(exchange, version, wanted);
        if (!introduced) {
            introduced = true;
            request.setNode(node);
        }
        return request.build();
    }

    /** For a type that is sent in full, a request without names asks for everything. */
    @Override
    boolean canAskForNothing(TypeExchange exchange) {
        return !exchange.type.isFullState();
    }

    @Override
    AdsAnswer read(TypeExchange exchange, DiscoveryResponse answer) {
        exchange.nonce = answer.getNonce();
        List<Offer> offers = answer.getResourcesList().stream()
                .map(resource -> offer(resource, answer.getVersionInfo()))
                .toList();
        return new AdsAnswer(
                answer.getControlPlane().getIdentifier(),
                true,
                offers,
                List.of(),
                AdsAnswer.byName(answer.getResourceErrorsList()));
    }

    @Override
    DiscoveryRequest acknowledge(TypeExchange exchange, DiscoveryResponse answer, List<String> problems) {
        if (problems.isEmpty()) {
            exchange.type.sotwVersion(answer.getVersionInfo());
        }
        DiscoveryRequest.Builder request = request(exchange, exchange.type.sotwVersion(), exchange.asked);
        if (!problems.isEmpty()) {
            request.setErrorDetail(refusal(problems));
        }
        return request.build();
    }

    /** A control plane may wrap a resource to say its name or how long it is valid; the latter is not obeyed. */
    private static Offer offer(Any resource, String version) {
        if (resource.getTypeUrl().equals(AdsMethods.WRAPPER_TYPE_URL)) {
            try {
                return new Offer(
                        null, version, Resource.parseFrom(resource.getValue()).getResource());
            } catch (InvalidProtocolBufferException e) {
                return new Offer(null, version, resource); // will be refused for its type
            }
        }
        return new Offer(null, version, resource);
    }

    @Override
    String typeUrl(DiscoveryResponse answer) {
        return answer.getTypeUrl();
    }

    private static DiscoveryRequest.Builder request(TypeExchange exchange, String version, Set<String> names) {
        return DiscoveryRequest.newBuilder()
                .setTypeUrl(exchange.type.typeUrl())
                .setVersionInfo(version)
                .setResponseNonce(exchange.nonce)
                .addAllResourceNames(names);
    }
}
