/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * The whole system, started once for all tests: each of them may ask for its parts as parameters of the constructor, and
 * leaves behind nothing that the next would have to know of, except that the number and the names of the pods change.
 */
final class TestBed implements ParameterResolver, AfterEachCallback {

    /** Whatever a test is about: no client is to refuse anything. */
    @Override
    public void afterEach(ExtensionContext context) {
        Parts parts = parts(context);
        assertThat(parts.controlPlane.nacks()).as("refused responses by type").isEmpty();
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.getParameter().getType() == Parts.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        return parts(context);
    }

    private static Parts parts(ExtensionContext context) {
        return context.getRoot()
                .getStore(Namespace.create(TestBed.class))
                .computeIfAbsent(Attempt.class)
                .parts();
    }

    /** There is one: what did not start for the first test is not tried again for every other. */
    static final class Attempt implements AutoCloseable {

        private @Nullable Parts parts;
        private @Nullable RuntimeException failure;

        Attempt() {
            try {
                parts = new Parts();
            } catch (RuntimeException e) {
                failure = e;
            }
        }

        Parts parts() {
            if (parts == null) {
                throw new IllegalStateException("the system did not start, see " + KubeScript.LOGS, failure);
            }
            return parts;
        }

        @Override
        public void close() {
            if (parts != null) {
                parts.close();
            }
        }
    }

    /** Started in this order, closed in the reverse one. */
    static final class Parts {

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
            } catch (RuntimeException e) {
                close();
                throw e;
            }
        }

        private void close() {
            while (!ends.isEmpty()) {
                ends.pop().run();
            }
        }
    }
}
