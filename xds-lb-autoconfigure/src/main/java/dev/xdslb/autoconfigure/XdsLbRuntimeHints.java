/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.autoconfigure;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FileDescriptor;
import dev.xdslb.xds.proto.ClusterOuterClass;
import dev.xdslb.xds.proto.Discovery;
import dev.xdslb.xds.proto.EndpointOuterClass;
import dev.xdslb.xds.proto.Place;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.aot.hint.MemberCategory;
import org.springframework.aot.hint.RuntimeHints;
import org.springframework.aot.hint.RuntimeHintsRegistrar;
import org.springframework.aot.hint.TypeReference;

/**
 * The messages of xDS: protobuf calls their methods by name, as soon as one is compared or made a text. What beans are asked by name says so
 * by its annotations.
 */
final class XdsLbRuntimeHints implements RuntimeHintsRegistrar {
    static final List<FileDescriptor> FILES = List.of(
            Discovery.getDescriptor(),
            EndpointOuterClass.getDescriptor(),
            ClusterOuterClass.getDescriptor(),
            Place.getDescriptor());

    /** By which the gRPC policy sees that grpc-services is there. */
    static final String HEALTH_CHECKS = "io.grpc.protobuf.services.HealthCheckingLoadBalancerUtil";

    private static final String PACKAGE = Discovery.class.getPackageName();

    @Override
    public void registerHints(RuntimeHints hints, @Nullable ClassLoader classLoader) {
        hints.reflection().registerTypeIfPresent(classLoader, HEALTH_CHECKS);
        FILES.forEach(file -> file.getMessageTypes().forEach(message -> register(message, PACKAGE + '.', hints)));
    }

    private static void register(Descriptor message, String prefix, RuntimeHints hints) {
        if (message.getOptions().getMapEntry()) {
            return; // has no class
        }
        String name = prefix + message.getName();
        for (String type : List.of(name, name + "$Builder")) {
            hints.reflection().registerType(TypeReference.of(type), MemberCategory.INVOKE_PUBLIC_METHODS);
        }
        message.getNestedTypes().forEach(nested -> register(nested, name + '$', hints));
    }
}
