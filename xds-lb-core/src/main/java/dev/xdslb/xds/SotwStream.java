/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.xds;

import com.google.protobuf.Any;
import dev.xdslb.xds.proto.DiscoveryRequest;
import dev.xdslb.xds.proto.DiscoveryResponse;
import dev.xdslb.xds.proto.Node;
import io.grpc.Channel;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** The state-of-the-world variant. Every request names all resources; one that an answer leaves out is unchanged. */
final class SotwStream extends AdsStream<DiscoveryRequest, DiscoveryResponse> {
    private final Node node;
    private boolean introduced;

    SotwStream(Channel channel, SerialExecutor executor, Node node, List<SubscribedType> types, Owner owner) {
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

    @Override
    Digest take(TypeExchange exchange, DiscoveryResponse answer) {
        exchange.nonce = answer.getNonce();
        List<String> problems = new ArrayList<>();
        long bytes = 0;
        for (Any resource : answer.getResourcesList()) {
            bytes += resource.getValue().size();
            String problem = exchange.type.offer(resource, answer.getVersionInfo());
            if (problem != null) {
                problems.add(problem);
            }
        }
        exchange.type.errors(byName(answer.getResourceErrorsList()));
        if (problems.isEmpty()) {
            exchange.type.sotwVersion(answer.getVersionInfo());
        }
        return new Digest(answer.getControlPlane().getIdentifier(), answer.getResourcesCount(), bytes, problems);
    }

    @Override
    DiscoveryRequest acknowledge(TypeExchange exchange, DiscoveryResponse answer, List<String> problems) {
        DiscoveryRequest.Builder request = request(exchange, exchange.type.sotwVersion(), exchange.asked);
        if (!problems.isEmpty()) {
            request.setErrorDetail(refusal(problems));
        }
        return request.build();
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
