/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.test.spring;

import dev.xdslb.endpoint.Endpoint;
import java.lang.reflect.Field;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Member;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.List;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** What one {@link DeclaredService} declares. Its equality is that of the contexts that it makes. */
sealed interface Declaration {

    /** Returns the service as the test names it. */
    String service();

    /**
     * Returns its endpoints at this moment.
     *
     * @param placeholders resolves them in an address
     * @throws NotKnownYetException when whoever is to tell does not know
     * @throws IllegalStateException when what is declared cannot be used; the message says what to do
     */
    List<Endpoint> endpoints(UnaryOperator<String> placeholders);

    /** Addresses in the annotation on a class. */
    record Fixed(String service, List<String> addresses) implements Declaration {
        public Fixed {
            addresses = List.copyOf(addresses);
        }

        @Override
        public List<Endpoint> endpoints(UnaryOperator<String> placeholders) {
            return addresses.stream()
                    .map(address -> GivenAddress.parse(toString(), resolve(address, placeholders)))
                    .toList();
        }

        private String resolve(String address, UnaryOperator<String> placeholders) {
            try {
                return placeholders.apply(address);
            } catch (IllegalArgumentException e) { // the environment does not have it, or not yet
                throw new NotKnownYetException(this + ": " + e.getMessage(), e);
            }
        }

        @Override
        public String toString() {
            return "@DeclaredService(\"" + service + "\")";
        }
    }

    /** A static field or method that knows. */
    record OfMember(String service, Member member) implements Declaration {
        public OfMember {
            if (!Modifier.isStatic(member.getModifiers())) {
                throw new IllegalStateException(describe(service, member)
                        + " must be static: contexts are shared by the instances of a test class");
            }
            if (member instanceof Method method && method.getParameterCount() > 0) {
                throw new IllegalStateException(describe(service, member) + " must have no parameters");
            }
        }

        @Override
        public List<Endpoint> endpoints(UnaryOperator<String> placeholders) {
            return new GivenEndpoints(toString(), placeholders).of(value());
        }

        private @Nullable Object value() {
            try {
                if (member instanceof Field field) {
                    field.setAccessible(true);
                    return field.get(null);
                }
                Method method = (Method) member;
                method.setAccessible(true);
                return method.invoke(null);
            } catch (InvocationTargetException e) {
                throw new NotKnownYetException(this + " failed: " + e.getCause(), e);
            } catch (IllegalAccessException e) {
                throw new IllegalStateException(this + " cannot be read: " + e.getMessage(), e);
            }
        }

        @Override
        public String toString() {
            return describe(service, member);
        }

        private static String describe(String service, Member member) {
            return "@DeclaredService(\"" + service + "\") "
                    + member.getDeclaringClass().getSimpleName() + '.' + member.getName()
                    + (member instanceof Method ? "()" : "");
        }
    }
}
