/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.starter.matrix;

import java.util.concurrent.ThreadFactory;

/** Reactive clients whose callers are threads that nothing may block. */
class NonBlockingThreadsMatrixTest extends ReactiveMatrix {
    @Override
    ThreadFactory threads() throws ReflectiveOperationException {
        return Threads.NON_BLOCKING.factory();
    }
}
