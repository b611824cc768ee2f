/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.test.spring;

import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.springframework.core.annotation.MergedAnnotation;
import org.springframework.core.annotation.MergedAnnotations;
import org.springframework.core.annotation.MergedAnnotations.SearchStrategy;
import org.springframework.test.context.TestContextAnnotationUtils;

/**
 * All that a test class declares, with what its superclasses, its interfaces and the classes around it do.
 *
 * @param present whether it declares anything at all, be it that there is no service
 */
record Declarations(boolean present, Set<Declaration> all) {
    private static final MergedAnnotations.Search SEARCH = MergedAnnotations.search(SearchStrategy.TYPE_HIERARCHY)
            .withEnclosingClasses(TestContextAnnotationUtils::searchEnclosingClass);

    Declarations {
        all = Collections.unmodifiableSet(new LinkedHashSet<>(all)); // as they were found, and equal in any order
    }

    /** Finds those of a test class. */
    static Declarations of(Class<?> testClass) {
        MergedAnnotations annotations = SEARCH.from(testClass);
        Set<Declaration> found = new LinkedHashSet<>();
        annotations.stream(DeclaredService.class).map(Declarations::fixed).forEach(found::add);
        for (Class<?> type : types(testClass)) {
            for (Field field : type.getDeclaredFields()) {
                MergedAnnotations.from(field).stream(DeclaredService.class)
                        .forEach(service -> found.add(new Declaration.OfMember(name(service, field), field)));
            }
            for (Method method : sorted(type.getDeclaredMethods())) {
                MergedAnnotations.from(method).stream(DeclaredService.class)
                        .forEach(service -> found.add(new Declaration.OfMember(name(service, method), method)));
            }
        }
        return new Declarations(!found.isEmpty() || annotations.isPresent(AutoConfigureXdsLb.class), found);
    }

    private static Declaration fixed(MergedAnnotation<DeclaredService> annotation) {
        return new Declaration.Fixed(
                annotation.getString(MergedAnnotation.VALUE), List.of(annotation.getStringArray("endpoints")));
    }

    private static String name(MergedAnnotation<DeclaredService> annotation, Object member) {
        String service = annotation.getString(MergedAnnotation.VALUE);
        if (annotation.getStringArray("endpoints").length > 0) {
            throw new IllegalStateException("@DeclaredService(\"" + service + "\") on " + member
                    + " has endpoints: on a field or method they are what it holds or returns; give them on a class");
        }
        return service;
    }

    /** Returns the class and all those whose fields and methods are looked at, each once. */
    private static Set<Class<?>> types(Class<?> testClass) {
        Set<Class<?>> types = new LinkedHashSet<>();
        Deque<Class<?>> ahead = new ArrayDeque<>(List.of(testClass));
        while (!ahead.isEmpty()) {
            Class<?> type = ahead.poll();
            if (type == Object.class || !types.add(type)) {
                continue;
            }
            if (type.getSuperclass() != null) {
                ahead.add(type.getSuperclass());
            }
            ahead.addAll(Arrays.asList(type.getInterfaces()));
            if (TestContextAnnotationUtils.searchEnclosingClass(type)) {
                ahead.add(type.getEnclosingClass());
            }
        }
        return types;
    }

    /** The JVM gives methods in any order; the order of endpoints is not to depend on it. */
    private static List<Method> sorted(Method[] methods) {
        return Arrays.stream(methods)
                .filter(method -> !method.isSynthetic())
                .sorted(Comparator.comparing(Method::getName))
                .toList();
    }
}
