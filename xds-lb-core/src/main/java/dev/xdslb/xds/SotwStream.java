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
    private String nonce = ""; // of this stream's newest answer

    SotwStream(Channel channel, SerialExecutor executor, Node node, ResourceTable resources, Owner owner) {
        super(AdsMethods.SOTW, channel, executor, resources, owner);
        this.node = node;
    }

    @Override
    DiscoveryRequest changes(Set<String> wanted, Set<String> before) {
        if (introduced) {
            return request(resources().sotwVersion(), wanted).build();
        }
        introduced = true;
        return request(resources().sotwVersionToResume(), wanted).setNode(node).build();
    }

    @Override
    Digest take(DiscoveryResponse answer) {
        nonce = answer.getNonce();
        List<String> problems = new ArrayList<>();
        long bytes = 0;
        for (Any resource : answer.getResourcesList()) {
            bytes += resource.getValue().size();
            String problem = resources().offer(resource, answer.getVersionInfo());
            if (problem != null) {
                problems.add(problem);
            }
        }
        resources().errors(ResourceTable.byName(answer.getResourceErrorsList()));
        if (problems.isEmpty()) {
            resources().sotwVersion(answer.getVersionInfo());
        }
        return new Digest(answer.getControlPlane().getIdentifier(), answer.getResourcesCount(), bytes, problems);
    }

    @Override
    DiscoveryRequest acknowledge(DiscoveryResponse answer, List<String> problems) {
        DiscoveryRequest.Builder request = request(resources().sotwVersion(), asked());
        if (!problems.isEmpty()) {
            request.setErrorDetail(refusal(problems));
        }
        return request.build();
    }

    @Override
    String typeUrl(DiscoveryResponse answer) {
        return answer.getTypeUrl();
    }

    private DiscoveryRequest.Builder request(String version, Set<String> names) {
        return DiscoveryRequest.newBuilder()
                .setTypeUrl(AdsMethods.ENDPOINTS_TYPE_URL)
                .setVersionInfo(version)
                .setResponseNonce(nonce)
                .addAllResourceNames(names);
    }
}
