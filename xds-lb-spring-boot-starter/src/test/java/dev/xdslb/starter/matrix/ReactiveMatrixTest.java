/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.starter.matrix;

import java.util.concurrent.ThreadFactory;
import org.junit.jupiter.api.Tag;

/** Reactive clients whose callers wait on platform threads. */
@Tag("figures") // not on each JDK: the matrix of other threads is
class ReactiveMatrixTest extends ReactiveMatrix {
    @Override
    ThreadFactory threads() throws ReflectiveOperationException {
        return Threads.PLATFORM.factory();
    }
}
