/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.autoconfigure;

import dev.xdslb.strategy.RequestAttributes;
import dev.xdslb.strategy.RequestKey;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.BeanNotOfRequiredTypeException;
import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.beans.factory.NoSuchBeanDefinitionException;

/** Finds the keys that properties name: {@code header:x-user} and the like, or a bean of the application's. */
final class RequestKeys {
    private static final String BEAN = "bean:";

    private final ListableBeanFactory beans;

    RequestKeys(ListableBeanFactory beans) {
        this.beans = beans;
    }

    /** Returns the key that a property names. */
    RequestKey named(String property, String text) {
        return text.startsWith(BEAN) ? bean(property, text) : parsed(property, text);
    }

    private static RequestKey parsed(String property, String text) {
        try {
            return RequestKey.parse(text);
        } catch (IllegalArgumentException e) {
            throw XdsLbConfigurationException.value(
                    property,
                    text,
                    "it names nothing of a request.",
                    "Use header:<name>, metadata:<name> (of gRPC), cookie:<name>, path, or bean:<name of a RequestKey"
                            + " bean>; a name has letters, digits, '-', '_' and '.', and that of a header does not end"
                            + " in \"-bin\".");
        }
    }

    private RequestKey bean(String property, String text) {
        String name = text.substring(BEAN.length());
        try {
            return new BeanKey(text, beans.getBean(name, RequestKey.class));
        } catch (NoSuchBeanDefinitionException | BeanNotOfRequiredTypeException e) {
            String existing = String.join(", ", beans.getBeanNamesForType(RequestKey.class));
            throw XdsLbConfigurationException.value(
                    property,
                    text,
                    "there is no RequestKey bean of this name.",
                    existing.isEmpty()
                            ? "Declare one, or use header:<name>, cookie:<name> or path."
                            : "Declare one, or use one of " + existing + '.');
        }
    }

    /** The application's own code, which error messages call what the configuration calls it. */
    private record BeanKey(String text, RequestKey bean) implements RequestKey {
        @Override
        public @Nullable String of(RequestAttributes request) {
            return bean.of(request);
        }

        @Override
        public String toString() {
            return text;
        }
    }
}
