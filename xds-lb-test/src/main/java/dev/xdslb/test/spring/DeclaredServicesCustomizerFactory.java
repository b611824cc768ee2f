/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.test.spring;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.test.context.ContextConfigurationAttributes;
import org.springframework.test.context.ContextCustomizer;
import org.springframework.test.context.ContextCustomizerFactory;
import org.springframework.util.ClassUtils;

/** Looks whether a test class declares services. */
final class DeclaredServicesCustomizerFactory implements ContextCustomizerFactory {
    private static final String AUTO_CONFIGURATION = "dev.xdslb.springcloud.ServiceNames";

    @Override
    public @Nullable ContextCustomizer createContextCustomizer(
            Class<?> testClass, List<ContextConfigurationAttributes> configAttributes) {
        Declarations declarations = Declarations.of(testClass);
        if (!declarations.present()) {
            return null;
        }
        if (!ClassUtils.isPresent(AUTO_CONFIGURATION, testClass.getClassLoader())) {
            throw new IllegalStateException(
                    testClass.getName() + " declares services, but xds-lb-spring-boot-starter is not on"
                            + " the class path: add it to the application, or take the declarations off");
        }
        return new DeclaredServicesCustomizer(declarations.all());
    }
}
