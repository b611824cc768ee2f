/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.xds;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor.JavaType;
import com.google.protobuf.Message;
import com.google.protobuf.Struct;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * The fields of a message that our trimmed ones do not have, each by its path and its number on the wire: whoever wonders why a
 * policy has no effect finds them in the log.
 */
final class UnreadFields {
    /** Enough to find a fault; a message may have thousands. */
    private static final int MAX = 20;

    /** How to reach the endpoints, which is not about balancing: time-outs, sources, protocols, TLS, names of statistics. */
    private static final Set<String> OF_OTHERS = Set.of("4", "13", "14", "24", "28", "36", "eds_cluster_config.1");

    private UnreadFields() {}

    /** Returns them in a list that more can be added to. */
    static List<String> of(Message message) {
        Set<String> paths = new TreeSet<>();
        collect("", message, paths);
        paths.removeAll(OF_OTHERS);
        List<String> fields = new ArrayList<>();
        for (String path : paths) {
            if (fields.size() == MAX) {
                fields.add("…");
                break;
            }
            fields.add("field " + path);
        }
        return fields;
    }

    private static void collect(String parent, Message message, Set<String> paths) {
        if (message instanceof Struct) {
            return;
        }
        message.getUnknownFields().asMap().keySet().stream()
                .limit(MAX + OF_OTHERS.size())
                .forEach(number -> paths.add(parent + number));
        for (Map.Entry<FieldDescriptor, Object> field : message.getAllFields().entrySet()) {
            String path = parent + field.getKey().getName() + '.';
            if (field.getKey().getJavaType() == JavaType.MESSAGE
                    && !field.getKey().isMapField()) {
                if (field.getValue() instanceof List<?> list) {
                    list.stream().limit(MAX).forEach(element -> collect(path, (Message) element, paths));
                } else {
                    collect(path, (Message) field.getValue(), paths);
                }
            }
        }
    }
}
