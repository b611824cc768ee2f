/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.starter.matrix;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.lang.reflect.Method;
import java.util.concurrent.ThreadFactory;
import reactor.core.scheduler.NonBlocking;

/** Kinds of threads that call. */
enum Threads {
    PLATFORM {
        @Override
        ThreadFactory factory() {
            return Thread::new;
        }
    },
    /** Threads that nothing may block, as Reactor's own: whoever tries gets an exception. */
    NON_BLOCKING {
        @Override
        ThreadFactory factory() {
            return NonBlockingThread::new;
        }
    },
    VIRTUAL {
        @Override
        ThreadFactory factory() throws ReflectiveOperationException {
            assumeTrue(Runtime.version().feature() >= 21, "virtual threads begin with Java 21");
            Object builder = Thread.class.getMethod("ofVirtual").invoke(null);
            Method factory = Class.forName("java.lang.Thread$Builder").getMethod("factory");
            return (ThreadFactory) factory.invoke(builder);
        }
    };

    abstract ThreadFactory factory() throws ReflectiveOperationException;

    private static final class NonBlockingThread extends Thread implements NonBlocking {
        private NonBlockingThread(Runnable task) {
            super(task);
        }
    }
}
