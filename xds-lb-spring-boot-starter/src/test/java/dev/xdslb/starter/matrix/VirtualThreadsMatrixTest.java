/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.starter.matrix;

import java.util.concurrent.ThreadFactory;

/** Blocking clients on virtual threads. */
class VirtualThreadsMatrixTest extends BlockingMatrix {
    @Override
    ThreadFactory threads() throws ReflectiveOperationException {
        return Threads.VIRTUAL.factory();
    }
}
