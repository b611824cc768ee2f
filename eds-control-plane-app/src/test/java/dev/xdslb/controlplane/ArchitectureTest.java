/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

@AnalyzeClasses(packagesOf = ControlPlaneApplication.class, importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {

    private static final String ROOT = "dev.xdslb.controlplane";

    /** Data flows from the sources to the streams; each package knows the next one on the way, never one before it. */
    @ArchTest
    static final ArchRule dataFlowsInOneDirection = layeredArchitecture()
            .consideringOnlyDependenciesInAnyPackage(ROOT + "..")
            .layer("application")
            .definedBy(ROOT)
            .layer("manifests")
            .definedBy(ROOT + ".manifests..")
            .layer("kubernetes")
            .definedBy(ROOT + ".kubernetes..")
            .layer("topology")
            .definedBy(ROOT + ".topology..")
            .layer("gateway")
            .definedBy(ROOT + ".gateway..")
            .layer("resource")
            .definedBy(ROOT + ".resource..")
            .layer("ads")
            .definedBy(ROOT + ".ads..")
            .layer("web")
            .definedBy(ROOT + ".web..")
            .whereLayer("application")
            .mayNotBeAccessedByAnyLayer()
            .whereLayer("web")
            .mayOnlyBeAccessedByLayers("application")
            .whereLayer("manifests")
            .mayOnlyBeAccessedByLayers("application")
            .whereLayer("kubernetes")
            .mayOnlyBeAccessedByLayers("application", "manifests")
            .whereLayer("topology")
            .mayOnlyBeAccessedByLayers("application", "manifests", "kubernetes", "gateway", "resource", "web")
            .whereLayer("gateway")
            .mayOnlyBeAccessedByLayers("application", "manifests", "kubernetes", "resource", "web")
            .whereLayer("resource")
            .mayOnlyBeAccessedByLayers("application", "web")
            .whereLayer("ads")
            .mayOnlyBeAccessedByLayers("application", "resource", "web");

    @ArchTest
    static final ArchRule faultBoundariesKnowNothingOfTheRest = classes()
            .that()
            .resideInAPackage(ROOT + ".fault..")
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(ROOT + ".fault..", "java..", "org.slf4j..", "org.jspecify..");

    @ArchTest
    static final ArchRule onlyTheSourcesKnowKubernetes = noClasses()
            .that()
            .resideInAnyPackage(
                    ROOT + ".topology..", ROOT + ".gateway..", ROOT + ".resource..", ROOT + ".ads..", ROOT + ".web..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("io.fabric8..");

    @ArchTest
    static final ArchRule theModelKnowsNothingOfXds = noClasses()
            .that()
            .resideInAnyPackage(
                    ROOT + ".topology..", ROOT + ".gateway..", ROOT + ".kubernetes..", ROOT + ".manifests..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("io.envoyproxy..", "io.grpc..", "com.google.protobuf..");

    @ArchTest
    static final ArchRule streamsKnowNamesVersionsAndBytesOnly = noClasses()
            .that()
            .resideInAPackage(ROOT + ".ads..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    "io.envoyproxy.envoy.config.cluster..",
                    "io.envoyproxy.envoy.config.endpoint..",
                    "io.envoyproxy.envoy.config.listener..",
                    "io.envoyproxy.envoy.config.route..",
                    "io.envoyproxy.envoy.extensions..");

    @ArchTest
    static final ArchRule onlyTheApplicationAndWebKnowSpring = classes()
            .that()
            .resideInAnyPackage(
                    ROOT + ".topology..",
                    ROOT + ".gateway..",
                    ROOT + ".resource..",
                    ROOT + ".kubernetes..",
                    ROOT + ".manifests..")
            .should()
            .onlyDependOnClassesThat()
            .resideOutsideOfPackage("org.springframework..");
}
