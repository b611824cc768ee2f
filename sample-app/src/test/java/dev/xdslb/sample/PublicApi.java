/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.sample;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaCodeUnit;
import com.tngtech.archunit.core.domain.JavaField;
import com.tngtech.archunit.core.domain.JavaMember;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.domain.JavaType;
import com.tngtech.archunit.core.domain.properties.HasAnnotations;
import com.tngtech.archunit.core.domain.properties.HasModifiers;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apiguardian.api.API;
import org.apiguardian.api.API.Status;

/**
 * What users may build on: the public types and members that are not marked internal. The mark of a member goes before that of
 * its type, that before the one of the type around it, and that before the one of the package.
 */
final class PublicApi {
    static final List<String> PACKAGES = List.of(
            "dev.xdslb.autoconfigure",
            "dev.xdslb.client",
            "dev.xdslb.cluster",
            "dev.xdslb.endpoint",
            "dev.xdslb.grpc",
            "dev.xdslb.http",
            "dev.xdslb.load",
            "dev.xdslb.policy",
            "dev.xdslb.simulation",
            "dev.xdslb.springcloud",
            "dev.xdslb.strategy",
            "dev.xdslb.test",
            "dev.xdslb.xds");

    private static final String GENERATED = ".proto";

    private static final String SAMPLE = "dev.xdslb.sample";

    // With the sample and its tests: a class that is imported alone does not know the marks of the packages that it
    // uses.
    private final JavaClasses classes = new ClassFileImporter()
            .importPackages(Stream.concat(PACKAGES.stream(), Stream.of(SAMPLE)).toList());

    /** All classes of the published modules. */
    Stream<JavaClass> published() {
        return classes.stream().filter(PublicApi::isPublished);
    }

    /** The classes of the sample, its tests, and so the examples of the pages. */
    Stream<JavaClass> sample() {
        return classes.stream().filter(type -> type.getPackageName().startsWith(SAMPLE));
    }

    /** The types that users may build on. Those that are experimental among them, such as the simulator's, are not listed. */
    List<JavaClass> types() {
        return published()
                .filter(PublicApi::isVisible)
                .filter(type -> status(type) == Status.STABLE)
                .sorted(Comparator.comparing(JavaClass::getName))
                .toList();
    }

    /** The visible members of a type that are not marked internal, also those of a superclass that is not public. */
    static List<JavaMember> members(JavaClass type) {
        List<JavaMember> members = new ArrayList<>();
        for (JavaClass owner = type; owner != null; owner = hiddenSuperclass(owner)) {
            boolean own = owner == type;
            owner.getMembers().stream()
                    .filter(PublicApi::isVisibleMember)
                    .filter(member ->
                            status(member).filter(Status.INTERNAL::equals).isEmpty())
                    .filter(member -> own || !member.getName().equals("<init>"))
                    .forEach(members::add);
        }
        return members;
    }

    /** The types of ours that a user of the member has to do with. */
    static Set<JavaClass> typesOf(JavaMember member) {
        Stream<JavaType> types = member instanceof JavaCodeUnit codeUnit
                ? Stream.concat(Stream.of(codeUnit.getReturnType()), codeUnit.getParameterTypes().stream())
                : Stream.of(((JavaField) member).getType());
        return types.flatMap(type -> type.getAllInvolvedRawTypes().stream())
                .map(PublicApi::elementType)
                .filter(PublicApi::isPublished)
                .collect(Collectors.toSet());
    }

    /** Whether a use of it is a use of what may change at any time. */
    static boolean isInternal(JavaClass type) {
        return isPublished(type) && status(type) == Status.INTERNAL;
    }

    static boolean isInternal(JavaMember member) {
        return isInternal(member.getOwner())
                || status(member).filter(Status.INTERNAL::equals).isPresent();
    }

    static boolean isPublished(JavaClass type) {
        String name = type.getPackageName();
        return PACKAGES.stream().anyMatch(published -> name.equals(published) || name.startsWith(published + "."))
                && !name.contains(GENERATED);
    }

    static String describe(JavaClass type) {
        String supertypes = type.getRawInterfaces().stream()
                .map(JavaClass::getName)
                .sorted()
                .collect(Collectors.joining(", "));
        return modifiers(type) + kind(type) + " " + type.getName()
                + (supertypes.isEmpty() ? "" : " implements " + supertypes);
    }

    static String describe(JavaMember member) {
        if (member instanceof JavaCodeUnit codeUnit) {
            String parameters =
                    codeUnit.getParameterTypes().stream().map(JavaType::getName).collect(Collectors.joining(", "));
            boolean constructor = codeUnit.isConstructor();
            return modifiers(member)
                    + (constructor ? "new" : codeUnit.getReturnType().getName() + " " + member.getName())
                    + "("
                    + parameters
                    + ")";
        }
        return modifiers(member) + ((JavaField) member).getType().getName() + " " + member.getName();
    }

    private static Status status(JavaClass type) {
        for (Optional<JavaClass> at = Optional.of(type);
                at.isPresent();
                at = at.get().getEnclosingClass()) {
            Optional<Status> own = status((HasAnnotations<?>) at.get());
            if (own.isPresent()) {
                return own.get();
            }
        }
        return type.getPackage()
                .tryGetAnnotationOfType(API.class)
                .map(API::status)
                .orElseThrow(() -> new AssertionError(type.getPackageName()
                        + ": not marked (expected: @API on its package-info, INTERNAL unless users may build on it)"));
    }

    private static Optional<Status> status(HasAnnotations<?> annotated) {
        return annotated.tryGetAnnotationOfType(API.class).map(API::status);
    }

    private static boolean isVisible(JavaClass type) {
        boolean visible = type.getModifiers().contains(JavaModifier.PUBLIC) && !type.isAnonymousClass();
        return visible && type.getEnclosingClass().map(PublicApi::isVisible).orElse(true);
    }

    private static boolean isVisibleMember(JavaMember member) {
        Set<JavaModifier> modifiers = member.getModifiers();
        boolean written = !modifiers.contains(JavaModifier.SYNTHETIC) && !modifiers.contains(JavaModifier.BRIDGE);
        return written && (modifiers.contains(JavaModifier.PUBLIC) || modifiers.contains(JavaModifier.PROTECTED));
    }

    private static JavaClass hiddenSuperclass(JavaClass type) {
        return type.getRawSuperclass()
                .filter(PublicApi::isPublished)
                .filter(superclass -> !isVisible(superclass))
                .orElse(null);
    }

    private static JavaClass elementType(JavaClass type) {
        return type.isArray() ? type.getBaseComponentType() : type;
    }

    private static String kind(JavaClass type) {
        if (type.isRecord()) {
            return "record";
        }
        if (type.isEnum()) {
            return "enum";
        }
        return type.isInterface() ? "interface" : "class";
    }

    private static String modifiers(HasModifiers of) {
        return Stream.of(JavaModifier.PROTECTED, JavaModifier.STATIC, JavaModifier.ABSTRACT, JavaModifier.FINAL)
                .filter(of.getModifiers()::contains)
                .map(modifier -> modifier.name().toLowerCase(Locale.ROOT) + " ")
                .collect(Collectors.joining());
    }
}
