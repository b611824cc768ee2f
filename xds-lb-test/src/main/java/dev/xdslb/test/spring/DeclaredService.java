/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.test.spring;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Repeatable;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * A service that a test declares, so that the application under test balances its requests without a control plane. A service
 * that nobody declares does not exist.
 *
 * <pre>{@code
 * @SpringBootTest
 * @DeclaredService(value = "payments", endpoints = "127.0.0.1:8081")
 * class CheckoutTest {
 *     @DeclaredService("orders")
 *     static HttpServer orders = server();
 * }
 * }</pre>
 *
 * <p>On a class it says the addresses itself. On a static field or a static method without parameters, it takes the address from
 * what is there: an {@link dev.xdslb.endpoint.Endpoint}, an address, a port of this machine, a collection or an array of these, or
 * a server that tells its port ({@code port()}, {@code getPort()}, {@code getAddress()} and {@code getLocalPort()}, {@code getHost()} with
 * {@code getFirstMappedPort()}). Several declarations of one service, also those of superclasses and of the classes around a nested
 * one, are added up.
 *
 * <p>Fields and methods are asked when the context starts, where they may not know yet, and again before each test method, where
 * they must. Each test method begins with what is declared, and with endpoints of which nothing has been measured.
 *
 * <p>What is declared belongs to the key by which Spring keeps contexts: classes that inherit the same declarations share one.
 */
@Target({ElementType.TYPE, ElementType.FIELD, ElementType.METHOD})
@Retention(RetentionPolicy.RUNTIME)
@Documented
@Repeatable(DeclaredService.Several.class)
public @interface DeclaredService {

    /**
     * The service as the application names it: a configured id, or the Service's name with or without its namespace. Where it
     * has a port, such as {@code orders:8080}, it answers for that port only, and for all ports where it has none.
     */
    String value();

    /**
     * Its endpoints as {@code host:port}, on a class only; none is a service that is scaled to zero. Placeholders such as
     * {@code ${local.server.port}} are resolved.
     */
    String[] endpoints() default {};

    /** Several of them. */
    @Target({ElementType.TYPE, ElementType.FIELD, ElementType.METHOD})
    @Retention(RetentionPolicy.RUNTIME)
    @Documented
    @interface Several {
        DeclaredService[] value();
    }
}
