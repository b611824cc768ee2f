/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.kubernetes;

import io.fabric8.kubernetes.api.model.KubernetesResource;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Finds what an object says in fields that the client's model does not know: a typing mistake, or a newer version of the API. An API
 * server would have refused or dropped them; a file says nothing by itself.
 */
public final class UnknownFields {
    static final int MAX_FIELDS = 10; // of an object; one mistake may stand in each of its thousand rules

    private static final String OTHERS = "getAdditionalProperties";

    private static final Map<Class<?>, List<Method>> GETTERS = new ConcurrentHashMap<>();

    private final List<String> found = new ArrayList<>();

    private UnknownFields() {}

    /** Returns paths such as {@code spec.rules[0].backendRef}; not those within metadata and status. */
    public static List<String> of(KubernetesResource object) {
        UnknownFields fields = new UnknownFields();
        fields.look(object, "");
        return List.copyOf(fields.found);
    }

    private void look(@Nullable Object value, String path) {
        if (found.size() >= MAX_FIELDS) {
            return;
        }
        if (value instanceof List<?> list) {
            for (int i = 0; i < list.size(); i++) {
                look(list.get(i), path + "[" + i + "]");
            }
        } else if (value instanceof KubernetesResource) {
            for (Method getter : GETTERS.computeIfAbsent(value.getClass(), UnknownFields::getters)) {
                Object inner = get(getter, value);
                if (!getter.getName().equals(OTHERS)) {
                    look(inner, (path.isEmpty() ? "" : path + ".") + name(getter));
                } else if (inner instanceof Map<?, ?> others) {
                    others.keySet().stream()
                            .limit((long) MAX_FIELDS - found.size())
                            .forEach(name -> found.add((path.isEmpty() ? "" : path + ".") + name));
                }
            }
        }
    }

    private static List<Method> getters(Class<?> type) {
        return Arrays.stream(type.getMethods())
                .filter(method ->
                        method.getParameterCount() == 0 && method.getName().startsWith("get"))
                .filter(method -> KubernetesResource.class.isAssignableFrom(method.getReturnType())
                        || List.class.isAssignableFrom(method.getReturnType())
                        || method.getName().equals(OTHERS))
                .filter(method -> !method.getName().equals("getMetadata")
                        && !method.getName().equals("getStatus"))
                .sorted(Comparator.comparing(Method::getName))
                .toList();
    }

    private static @Nullable Object get(Method getter, Object of) {
        try {
            return getter.invoke(of);
        } catch (IllegalAccessException | InvocationTargetException e) {
            return null; // only a hint is lost
        }
    }

    private static String name(Method getter) {
        String name = getter.getName().substring("get".length());
        return Character.toLowerCase(name.charAt(0)) + name.substring(1);
    }
}
