/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.benchmarks.fanout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.google.protobuf.Any;
import io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryResponse;
import io.envoyproxy.envoy.service.discovery.v3.Resource;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ResponseScanTest {
    private final SyntheticData data = new SyntheticData(50);
    private final ResponseScan scan = new ResponseScan();
    private final List<String> found = new ArrayList<>();

    @Test
    void stateOfTheWorld_saysTheChangeOfEachResource() {
        byte[] response = DiscoveryResponse.newBuilder()
                .setVersionInfo("v7")
                .addResources(Any.pack(data.assignment(3, 70_000)))
                .addResources(Any.pack(data.assignment(4, 4)))
                .addResources(Any.pack(ClusterLoadAssignment.getDefaultInstance()))
                .setTypeUrl(LeanRequests.TYPE_URL)
                .setNonce("n1")
                .build()
                .toByteArray();

        scan.scan(response, false, (change, bytes, version) -> found.add(change + " " + version));

        assertThat(found).containsExactly("70000 v7", "4 v7", "-1 v7");
        assertThat(scan.version()).isEqualTo("v7");
        assertThat(scan.nonce()).isEqualTo("n1");
    }

    @Test
    void delta_saysTheVersionOfEachResource() {
        byte[] response = DeltaDiscoveryResponse.newBuilder()
                .addResources(resource(3, Changes.MAXIMUM - 1))
                .addResources(resource(4, 4))
                .addRemovedResources("gone")
                .setNonce("n2")
                .build()
                .toByteArray();

        scan.scan(response, true, (change, bytes, version) -> found.add(change + " " + version));

        assertThat(found).containsExactly("16777215 of-3", "4 of-4");
        assertThat(scan.nonce()).isEqualTo("n2");
    }

    @Test
    void bytesThatAreNoResponse_areRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> scan.scan(new byte[] {0x12, 0x7f, 0}, true, (change, bytes, version) -> {}))
                .withMessageContaining("expected: within the response");
    }

    private Resource resource(int service, int change) {
        return Resource.newBuilder()
                .setName(SyntheticData.resource(service))
                .setVersion("of-" + service)
                .setResource(Any.pack(data.assignment(service, change)))
                .build();
    }
}
