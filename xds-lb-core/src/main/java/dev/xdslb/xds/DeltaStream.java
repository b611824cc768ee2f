/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.xds;

import dev.xdslb.xds.AdsAnswer.Offer;
import dev.xdslb.xds.proto.DeltaDiscoveryRequest;
import dev.xdslb.xds.proto.DeltaDiscoveryResponse;
import dev.xdslb.xds.proto.Node;
import io.grpc.Channel;
import java.util.List;
import java.util.Set;

/** The incremental variant. A new stream says which versions are there already and gets only what differs. */
final class DeltaStream extends AdsStream<DeltaDiscoveryRequest, DeltaDiscoveryResponse> {
    private final Node node;
    private boolean introduced;

    DeltaStream(Channel channel, SerialExecutor executor, Node node, List<ResourceTable<?>> types, Owner owner) {
        super(AdsMethods.DELTA, channel, executor, types, owner);
        this.node = node;
    }

    @Override
    DeltaDiscoveryRequest changes(TypeExchange exchange, Set<String> wanted) {
        Set<String> before = exchange.asked;
        DeltaDiscoveryRequest.Builder request = request(exchange);
        wanted.stream().filter(name -> !before.contains(name)).forEach(request::addResourceNamesSubscribe);
        before.stream().filter(name -> !wanted.contains(name)).forEach(request::addResourceNamesUnsubscribe);
        if (exchange.first) {
            request.putAllInitialResourceVersions(exchange.type.versions());
        }
        if (!introduced) {
            introduced = true;
            request.setNode(node);
        }
        return request.build();
    }

    @Override
    boolean canAskForNothing(TypeExchange exchange) {
        return true;
    }

    @Override
    AdsAnswer read(TypeExchange exchange, DeltaDiscoveryResponse answer) {
        return read(answer);
    }

    static AdsAnswer read(DeltaDiscoveryResponse answer) {
        List<Offer> offers = answer.getResourcesList().stream()
                .map(resource -> new Offer(resource.getName(), resource.getVersion(), resource.getResource()))
                .toList();
        return new AdsAnswer(
                answer.getControlPlane().getIdentifier(),
                false,
                offers,
                answer.getRemovedResourcesList(),
                AdsAnswer.byName(answer.getResourceErrorsList()));
    }

    @Override
    DeltaDiscoveryRequest acknowledge(TypeExchange exchange, DeltaDiscoveryResponse answer, List<String> problems) {
        DeltaDiscoveryRequest.Builder request = request(exchange).setResponseNonce(answer.getNonce());
        if (!problems.isEmpty()) {
            request.setErrorDetail(refusal(problems));
        }
        return request.build();
    }

    private static DeltaDiscoveryRequest.Builder request(TypeExchange exchange) {
        return DeltaDiscoveryRequest.newBuilder().setTypeUrl(exchange.type.typeUrl());
    }

    @Override
    String typeUrl(DeltaDiscoveryResponse answer) {
        return answer.getTypeUrl();
    }
}
