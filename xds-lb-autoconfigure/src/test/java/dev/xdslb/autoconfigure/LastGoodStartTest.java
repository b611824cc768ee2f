/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Any;
import dev.xdslb.xds.LastGoodFile;
import dev.xdslb.xds.proto.Address;
import dev.xdslb.xds.proto.ClusterLoadAssignment;
import dev.xdslb.xds.proto.DiscoveryResponse;
import dev.xdslb.xds.proto.LbEndpoint;
import dev.xdslb.xds.proto.LocalityLbEndpoints;
import dev.xdslb.xds.proto.SocketAddress;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.cloud.client.loadbalancer.LoadBalancerClient;

/** A start while the control plane is away, with the file of the last run. */
class LastGoodStartTest {
    @TempDir
    private Path folder;

    @Test
    void fileComesBeforeConfiguredEndpoints() throws IOException {
        write("orders.shop", "10.0.0.7");
        application().run(context -> {
            LoadBalancerClient client = context.getBean(LoadBalancerClient.class);
            assertThat(client.choose("orders").getHost()).isEqualTo("10.0.0.7");
            assertThat(client.choose("users").getHost()).isEqualTo("10.0.0.2");
        });
    }

    @Test
    void damagedFile_leavesTheConfiguredEndpoints() throws IOException {
        Files.writeString(file(), "damaged");
        application()
                .run(context -> assertThat(context.getBean(LoadBalancerClient.class)
                                .choose("orders")
                                .getHost())
                        .isEqualTo("10.0.0.1"));
    }

    @Test
    void withoutTheProperty_thereIsNoFile() {
        TestContexts.application().run(context -> assertThat(context).doesNotHaveBean(LastGoodFile.class));
    }

    private ApplicationContextRunner application() {
        return TestContexts.application()
                .withPropertyValues(
                        "xds-lb.control-plane.address=127.0.0.1:9",
                        "xds-lb.initial-fetch-timeout=10s",
                        "xds-lb.last-good-file=" + file(),
                        "xds-lb.clients.orders.endpoints=10.0.0.1:8080",
                        "xds-lb.clients.users.endpoints=10.0.0.2:8080");
    }

    private Path file() {
        return folder.resolve("last-good");
    }

    private void write(String resource, String host) throws IOException {
        byte[] content = DiscoveryResponse.newBuilder()
                .addResources(Any.pack(ClusterLoadAssignment.newBuilder()
                        .setClusterName(resource)
                        .addEndpoints(LocalityLbEndpoints.newBuilder()
                                .addLbEndpoints(LbEndpoint.newBuilder()
                                        .setEndpoint(LbEndpoint.Endpoint.newBuilder()
                                                .setAddress(Address.newBuilder()
                                                        .setSocketAddress(SocketAddress.newBuilder()
                                                                .setAddress(host)
                                                                .setPortValue(8080))))))
                        .build()))
                .build()
                .toByteArray();
        CRC32C checksum = new CRC32C();
        checksum.update(content);
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        all.write("xds-lb last good endpoints, format 1, crc32c %08x\n"
                .formatted(checksum.getValue())
                .getBytes(StandardCharsets.US_ASCII));
        all.write(content);
        Files.write(file(), all.toByteArray());
    }
}
