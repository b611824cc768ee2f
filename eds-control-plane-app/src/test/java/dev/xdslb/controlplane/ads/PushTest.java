/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.ads;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Any;
import com.google.rpc.Status;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryResponse;
import io.envoyproxy.envoy.service.discovery.v3.Resource;
import io.envoyproxy.envoy.service.discovery.v3.ResourceError;
import io.envoyproxy.envoy.service.discovery.v3.ResourceName;
import io.grpc.Status.Code;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The bytes that are written by hand are those of the message. */
class PushTest {
    private static final Any SMALL =
            Any.pack(Cluster.newBuilder().setName("small").build());
    private static final Any LARGE =
            Any.pack(Cluster.newBuilder().setName("größer".repeat(3_000)).build());
    private static final ResourceError ERROR = ResourceError.newBuilder()
            .setResourceName(ResourceName.newBuilder().setName("missing"))
            .setErrorDetail(Status.newBuilder().setCode(5).setMessage("no such thïng"))
            .build();

    @Test
    void sotwPush_isADiscoveryResponse() throws IOException {
        DiscoveryResponse expected = DiscoveryResponse.newBuilder()
                .setVersionInfo("v")
                .setTypeUrl("type")
                .setNonce("n")
                .addResources(SMALL)
                .addResources(LARGE)
                .addResourceErrors(ERROR)
                .build();
        Push push = push(Push.Format.SOTW, List.of());
        assertThat(DiscoveryResponse.parseFrom(read(push))).isEqualTo(expected);
        assertThat(DiscoveryResponse.parseFrom(drain(push))).isEqualTo(expected);
        assertThat(push.size()).isEqualTo(expected.getSerializedSize());
    }

    @Test
    void deltaPush_isADeltaDiscoveryResponse() throws IOException {
        DeltaDiscoveryResponse expected = DeltaDiscoveryResponse.newBuilder()
                .setSystemVersionInfo("v")
                .setTypeUrl("type")
                .setNonce("n")
                .addResources(
                        Resource.newBuilder().setName("small").setVersion("1").setResource(SMALL))
                .addResources(
                        Resource.newBuilder().setName("large").setVersion("2").setResource(LARGE))
                .addRemovedResources("gone")
                .addResourceErrors(ERROR)
                .build();
        Push push = push(Push.Format.DELTA, List.of("gone"));
        assertThat(DeltaDiscoveryResponse.parseFrom(read(push))).isEqualTo(expected);
        assertThat(DeltaDiscoveryResponse.parseFrom(drain(push))).isEqualTo(expected);
        assertThat(push.size()).isEqualTo(expected.getSerializedSize());
    }

    private static Push push(Push.Format format, List<String> removed) {
        List<EncodedResource> resources = List.of(
                new EncodedResource("small", "1", SMALL.toByteString()),
                new EncodedResource("large", "2", LARGE.toByteString()));
        MissingName error = new MissingName("missing", new Lookup.Missing(Code.NOT_FOUND, "no such thïng", null));
        return new Push(format, "type", "v", "n", resources, removed, List.of(error), List.of());
    }

    private static byte[] read(Push push) throws IOException {
        return push.encode().readAllBytes();
    }

    private static byte[] drain(Push push) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        PushStream stream = new PushStream(push);
        assertThat(stream.drainTo(out)).isEqualTo(push.size()).isEqualTo(stream.available());
        return out.toByteArray();
    }
}
