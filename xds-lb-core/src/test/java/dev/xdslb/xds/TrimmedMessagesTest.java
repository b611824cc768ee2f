/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.xds;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor.JavaType;
import dev.xdslb.xds.proto.Cluster;
import dev.xdslb.xds.proto.ClusterLoadAssignment;
import dev.xdslb.xds.proto.DeltaDiscoveryRequest;
import dev.xdslb.xds.proto.DeltaDiscoveryResponse;
import dev.xdslb.xds.proto.DiscoveryRequest;
import dev.xdslb.xds.proto.DiscoveryResponse;
import io.envoyproxy.envoy.service.discovery.v3.AggregatedDiscoveryServiceGrpc;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Every field that our messages have is, by number, name and type, a field of the published message. */
class TrimmedMessagesTest {

    static Stream<Arguments> messages() {
        return Stream.of(
                Arguments.of(
                        DeltaDiscoveryRequest.getDescriptor(),
                        io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryRequest.getDescriptor()),
                Arguments.of(
                        DeltaDiscoveryResponse.getDescriptor(),
                        io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse.getDescriptor()),
                Arguments.of(
                        DiscoveryRequest.getDescriptor(),
                        io.envoyproxy.envoy.service.discovery.v3.DiscoveryRequest.getDescriptor()),
                Arguments.of(
                        DiscoveryResponse.getDescriptor(),
                        io.envoyproxy.envoy.service.discovery.v3.DiscoveryResponse.getDescriptor()),
                Arguments.of(
                        ClusterLoadAssignment.getDescriptor(),
                        io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment.getDescriptor()),
                Arguments.of(Cluster.getDescriptor(), io.envoyproxy.envoy.config.cluster.v3.Cluster.getDescriptor()));
    }

    @ParameterizedTest
    @MethodSource("messages")
    void sameOnTheWire(Descriptor ours, Descriptor published) {
        assertSameOnTheWire(ours, published, new HashSet<>());
    }

    @Test
    void sameTypeAndMethodNames() {
        assertThat(AdsMethods.ENDPOINTS_TYPE_URL)
                .isEqualTo("type.googleapis.com/"
                        + io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment.getDescriptor()
                                .getFullName());
        assertThat(AdsMethods.CLUSTERS_TYPE_URL)
                .isEqualTo("type.googleapis.com/"
                        + io.envoyproxy.envoy.config.cluster.v3.Cluster.getDescriptor()
                                .getFullName());
        assertThat(AdsMethods.WRAPPER_TYPE_URL)
                .isEqualTo("type.googleapis.com/"
                        + io.envoyproxy.envoy.service.discovery.v3.Resource.getDescriptor()
                                .getFullName());
        assertThat(AdsMethods.DELTA.getFullMethodName())
                .isEqualTo(AggregatedDiscoveryServiceGrpc.getDeltaAggregatedResourcesMethod()
                        .getFullMethodName());
        assertThat(AdsMethods.SOTW.getFullMethodName())
                .isEqualTo(AggregatedDiscoveryServiceGrpc.getStreamAggregatedResourcesMethod()
                        .getFullMethodName());
    }

    private static void assertSameOnTheWire(Descriptor ours, Descriptor published, Set<Descriptor> seen) {
        if (!seen.add(ours)) {
            return;
        }
        for (FieldDescriptor field : ours.getFields()) {
            FieldDescriptor original = published.findFieldByNumber(field.getNumber());
            assertThat(original).as(field.getFullName()).isNotNull();
            assertThat(original.getName()).isEqualTo(field.getName());
            assertThat(original.getType()).as(field.getFullName()).isEqualTo(field.getType());
            assertThat(original.isRepeated()).as(field.getFullName()).isEqualTo(field.isRepeated());
            if (field.getJavaType() == JavaType.MESSAGE) {
                assertSameOnTheWire(field.getMessageType(), original.getMessageType(), seen);
            }
            if (field.getJavaType() == JavaType.ENUM) {
                for (EnumValueDescriptor value : field.getEnumType().getValues()) {
                    assertThat(original.getEnumType()
                                    .findValueByName(value.getName())
                                    .getNumber())
                            .isEqualTo(value.getNumber());
                }
            }
        }
    }
}
