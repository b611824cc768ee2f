/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.e2e;

import java.util.ArrayDeque;
import java.util.Deque;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * The whole system, started once for all tests: each of them may ask for its parts as parameters of the constructor, and
 * leaves behind nothing that the next would have to know of, except that the number and the names of the pods change.
 */
final class TestBed implements ParameterResolver {

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.getParameter().getType() == Parts.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        return context.getRoot().getStore(Namespace.create(TestBed.class)).computeIfAbsent(Parts.class);
    }

    /** Closed by the store, in the end and in the reverse order. */
    static final class Parts implements AutoCloseable {

        private final Deque<Runnable> ends = new ArrayDeque<>();
        final KubernetesCluster cluster;
        final OrdersDeployment orders;
        final ControlPlane controlPlane;
        final SampleService sample;

        Parts() {
            try {
                cluster = KubernetesCluster.up();
                ends.push(cluster::close);
                orders = new OrdersDeployment(cluster);
                ends.push(orders::close);
                controlPlane = ControlPlane.start(cluster);
                ends.push(controlPlane::close);
                sample = SampleService.start();
                ends.push(sample::close);
            } catch (RuntimeException | Error failure) {
                close();
                throw failure;
            }
        }

        @Override
        public void close() {
            while (!ends.isEmpty()) {
                ends.pop().run();
            }
        }
    }
}
