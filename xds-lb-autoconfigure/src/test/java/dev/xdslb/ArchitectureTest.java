/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.methods;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClass.Predicates;
import com.tngtech.archunit.core.domain.JavaMethod;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.domain.JavaParameter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.util.Arrays;
import java.util.stream.Collectors;
import org.springframework.beans.factory.config.BeanFactoryPostProcessor;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Condition;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;

/** Which package may use which, and the rules that Spring Boot holds its own auto-configurations to. */
@AnalyzeClasses(packages = "dev.xdslb", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {

    @ArchTest
    static final ArchRule onlyAutoconfigureKnowsAllOthers = layeredArchitecture()
            .consideringOnlyDependenciesInAnyPackage("dev.xdslb..")
            .withOptionalLayers(true)
            .layer("springcloud")
            .definedBy("dev.xdslb.springcloud..")
            .layer("http")
            .definedBy("dev.xdslb.http..")
            .layer("observe")
            .definedBy("dev.xdslb.observe..")
            .layer("autoconfigure")
            .definedBy("dev.xdslb.autoconfigure..")
            .whereLayer("autoconfigure")
            .mayNotBeAccessedByAnyLayer()
            .whereLayer("observe")
            .mayOnlyBeAccessedByLayers("autoconfigure")
            .whereLayer("http")
            .mayOnlyBeAccessedByLayers("autoconfigure")
            .whereLayer("springcloud")
            .mayOnlyBeAccessedByLayers("http", "observe", "autoconfigure");

    @ArchTest
    static final ArchRule engineIsNotReachedAroundTheCluster = noClasses()
            .that()
            .resideInAnyPackage("dev.xdslb.springcloud..", "dev.xdslb.http..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("dev.xdslb.xds..", "dev.xdslb.grpc..", "dev.xdslb.client..");

    @ArchTest
    static final ArchRule kindsOfClientsAreApart =
            slices().matching("dev.xdslb.http.(*)..").should().notDependOnEachOther();

    // The rules below are ten of those in Spring Boot's ArchitectureRules.

    @ArchTest
    static final ArchRule packagesAreFreeOfTangles = slices().matching(
                    "dev.xdslb.(springcloud|http|observe|autoconfigure)")
            .should()
            .beFreeOfCycles();

    @ArchTest
    static final ArchRule autoConfigurationsArePublicAndFinal = classes()
            .that()
            .areAnnotatedWith(AutoConfiguration.class)
            .should()
            .bePublic()
            .andShould()
            .haveModifier(JavaModifier.FINAL);

    @ArchTest
    static final ArchRule autoConfigurationsHaveNoPublicMembers = methods()
            .that()
            .areDeclaredInClassesThat()
            .areAnnotatedWith(AutoConfiguration.class)
            .should()
            .notBePublic();

    @ArchTest
    static final ArchRule conditionsAreNotPublic =
            classes().that().areAssignableTo(Condition.class).should().notBePublic();

    @ArchTest
    static final ArchRule beanPostProcessorsAreMadeByStaticMethods = methods()
            .that()
            .areAnnotatedWith(Bean.class)
            .and()
            .haveRawReturnType(Predicates.assignableTo(BeanPostProcessor.class))
            .should()
            .beStatic()
            .andShould(injectOnly("BeanPostProcessor", "ObjectProvider", "ApplicationContext", "Environment"))
            .allowEmptyShould(true);

    @ArchTest
    static final ArchRule beanFactoryPostProcessorsAreMadeByStaticMethodsOfTheEnvironment = methods()
            .that()
            .areAnnotatedWith(Bean.class)
            .and()
            .haveRawReturnType(Predicates.assignableTo(BeanFactoryPostProcessor.class))
            .should()
            .beStatic()
            .andShould(injectOnly(Environment.class.getSimpleName()))
            .allowEmptyShould(true);

    @ArchTest
    static final ArchRule conditionsOnClassesStandOnClasses =
            methods().that().areAnnotatedWith(Bean.class).should().notBeAnnotatedWith(ConditionalOnClass.class);

    @ArchTest
    static final ArchRule conditionsOnMissingBeansDoNotRepeatTheReturnType =
            methods().that().areAnnotatedWith(ConditionalOnMissingBean.class).should(notRepeatTheReturnType());

    @ArchTest
    static final ArchRule configurationsDoNotProxyTheirMethods =
            classes().that().areAnnotatedWith(Configuration.class).should(notProxyBeanMethods());

    @ArchTest
    static final ArchRule listsAreCollectedUnmodifiable = noClasses().should().callMethod(Collectors.class, "toList");

    @ArchTest
    static final ArchRule caseIsChangedWithALocale = noClasses()
            .should()
            .callMethod(String.class, "toLowerCase")
            .orShould()
            .callMethod(String.class, "toUpperCase");

    private static ArchCondition<JavaMethod> injectOnly(String... simpleNames) {
        return new ArchCondition<>("inject only " + String.join(", ", simpleNames)) {
            @Override
            public void check(JavaMethod method, ConditionEvents events) {
                for (JavaParameter parameter : method.getParameters()) {
                    String type = parameter.getRawType().getSimpleName();
                    events.add(new SimpleConditionEvent(
                            method,
                            Arrays.asList(simpleNames).contains(type),
                            method.getFullName() + " injects " + type));
                }
            }
        };
    }

    private static ArchCondition<JavaMethod> notRepeatTheReturnType() {
        return new ArchCondition<>("not repeat the return type") {
            @Override
            public void check(JavaMethod method, ConditionEvents events) {
                ConditionalOnMissingBean condition = method.getAnnotationOfType(ConditionalOnMissingBean.class);
                boolean repeats = condition.value().length == 1
                        && condition
                                .value()[0]
                                .getName()
                                .equals(method.getRawReturnType().getName());
                events.add(new SimpleConditionEvent(method, !repeats, method.getFullName() + " repeats its type"));
            }
        };
    }

    private static ArchCondition<JavaClass> notProxyBeanMethods() {
        return new ArchCondition<>("not proxy their methods") {
            @Override
            public void check(JavaClass configuration, ConditionEvents events) {
                boolean proxies =
                        configuration.getAnnotationOfType(Configuration.class).proxyBeanMethods();
                events.add(new SimpleConditionEvent(
                        configuration, !proxies, configuration.getFullName() + " has proxyBeanMethods"));
            }
        };
    }
}
