/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.xds;

import com.google.rpc.Status;
import dev.xdslb.xds.proto.DeltaDiscoveryRequest;
import dev.xdslb.xds.proto.DeltaDiscoveryResponse;
import dev.xdslb.xds.proto.Node;
import dev.xdslb.xds.proto.Resource;
import io.grpc.Channel;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The incremental variant. A new stream says which versions are there already and gets only what differs. */
final class DeltaStream extends AdsStream<DeltaDiscoveryRequest, DeltaDiscoveryResponse> {
    private final Node node;
    private boolean introduced;

    DeltaStream(Channel channel, SerialExecutor executor, Node node, ResourceTable resources, Owner owner) {
        super(AdsMethods.DELTA, channel, executor, resources, owner);
        this.node = node;
    }

    @Override
    DeltaDiscoveryRequest changes(Set<String> wanted, Set<String> before) {
        DeltaDiscoveryRequest.Builder request =
                DeltaDiscoveryRequest.newBuilder().setTypeUrl(AdsMethods.ENDPOINTS_TYPE_URL);
        wanted.stream().filter(name -> !before.contains(name)).forEach(request::addResourceNamesSubscribe);
        before.stream().filter(name -> !wanted.contains(name)).forEach(request::addResourceNamesUnsubscribe);
        if (!introduced) {
            introduced = true;
            request.setNode(node).putAllInitialResourceVersions(resources().versions());
        }
        return request.build();
    }

    @Override
    Digest take(DeltaDiscoveryResponse answer) {
        List<String> problems = new ArrayList<>();
        long bytes = 0;
        for (Resource resource : answer.getResourcesList()) {
            bytes += resource.getResource().getValue().size();
            String problem = resources().offer(resource);
            if (problem != null) {
                problems.add(problem);
            }
        }
        Map<String, Status> errors = ResourceTable.byName(answer.getResourceErrorsList());
        for (String name : answer.getRemovedResourcesList()) {
            resources().removed(name, errors.remove(name));
        }
        resources().errors(errors);
        return new Digest(answer.getControlPlane().getIdentifier(), answer.getResourcesCount(), bytes, problems);
    }

    @Override
    DeltaDiscoveryRequest acknowledge(DeltaDiscoveryResponse answer, List<String> problems) {
        DeltaDiscoveryRequest.Builder request = DeltaDiscoveryRequest.newBuilder()
                .setTypeUrl(AdsMethods.ENDPOINTS_TYPE_URL)
                .setResponseNonce(answer.getNonce());
        if (!problems.isEmpty()) {
            request.setErrorDetail(refusal(problems));
        }
        return request.build();
    }

    @Override
    String typeUrl(DeltaDiscoveryResponse answer) {
        return answer.getTypeUrl();
    }
}
