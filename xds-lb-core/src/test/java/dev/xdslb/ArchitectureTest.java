/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.CompositeArchRule;
import java.util.ArrayList;
import java.util.List;

/**
 * Who may use whom. A package uses only those before it; {@code xds} and {@code grpc} stand side by side, the one feeding
 * clusters and the other reading them.
 */
@AnalyzeClasses(packages = "dev.xdslb", importOptions = DoNotIncludeTests.class)
class ArchitectureTest {
    private static final List<List<String>> LAYERS = List.of(
            List.of("endpoint"),
            List.of("load"),
            List.of("policy"),
            List.of("strategy"),
            List.of("cluster"),
            List.of("xds", "grpc"),
            List.of("client"));

    @ArchTest
    static final ArchRule packagesUseOnlyThoseBeforeThem = directions();

    @ArchTest
    static final ArchRule endpointsNeedOnlyTheJdk = classes()
            .that()
            .resideInAPackage("dev.xdslb.endpoint..")
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage("java..", "org.apiguardian..", "org.jspecify..", "dev.xdslb.endpoint..");

    @ArchTest
    static final ArchRule theEngineKnowsNoTransport = noClasses()
            .that()
            .resideInAnyPackage("dev.xdslb.load..", "dev.xdslb.policy..", "dev.xdslb.strategy..", "dev.xdslb.cluster..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("io.grpc..", "com.google.protobuf..", "io.netty..");

    @ArchTest
    static final ArchRule onlyTheXdsClientSeesItsMessages = noClasses()
            .that()
            .resideOutsideOfPackage("dev.xdslb.xds..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("dev.xdslb.xds.proto..");

    @ArchTest
    static final ArchRule springIsElsewhere =
            noClasses().should().dependOnClassesThat().resideInAnyPackage("org.springframework..");

    @ArchTest
    static final ArchRule everyPackageHasItsPlace = classes()
            .should()
            .resideInAnyPackage(LAYERS.stream()
                    .flatMap(List::stream)
                    .map(ArchitectureTest::pattern)
                    .toArray(String[]::new));

    private static ArchRule directions() {
        List<ArchRule> directions = new ArrayList<>();
        for (int i = 0; i < LAYERS.size(); i++) {
            for (String layer : LAYERS.get(i)) {
                String[] forbidden = LAYERS.subList(i, LAYERS.size()).stream()
                        .flatMap(List::stream)
                        .filter(other -> !other.equals(layer))
                        .map(ArchitectureTest::pattern)
                        .toArray(String[]::new);
                directions.add(noClasses()
                        .that()
                        .resideInAPackage(pattern(layer))
                        .should()
                        .dependOnClassesThat()
                        .resideInAnyPackage(forbidden)
                        .allowEmptyShould(true)); // not every package exists from the first day
            }
        }
        return CompositeArchRule.of(directions);
    }

    private static String pattern(String layer) {
        return "dev.xdslb." + layer + "..";
    }
}
