/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.http.connection;

import dev.xdslb.http.ByName;
import dev.xdslb.http.PodTarget;
import java.net.URI;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.context.SmartLifecycle;

/**
 * A client as Spring Boot configured it, and those made of the same that verify pods against a name. They live as long as the client itself,
 * and it is stopped and closed as if it were alone: Spring sees this one in its place.
 *
 * @param <T> the kind of client
 */
abstract class NamedClients<T> implements SmartLifecycle, DisposableBean {
    final T general;
    private final ByName<T> named;

    NamedClients(T general, Function<String, T> named) {
        this.general = general;
        this.named = new ByName<>(named);
    }

    /** Returns the client for a request; the general one where it goes by no name. */
    final T of(@Nullable PodTarget target, URI uri) {
        T byName = named.of(target, uri);
        return byName == null ? general : byName;
    }

    /** For clients that stop before a checkpoint of the process. Those by name are made anew. */
    @Override
    public final void start() {
        if (general instanceof SmartLifecycle lifecycle) {
            lifecycle.start();
        }
    }

    @Override
    public final void stop() {
        if (general instanceof SmartLifecycle lifecycle) { // else requests go on until all else has stopped
            named.close(Closing::quietly);
            lifecycle.stop();
        }
    }

    @Override
    public final boolean isRunning() {
        return !(general instanceof SmartLifecycle lifecycle) || lifecycle.isRunning();
    }

    @Override
    public final int getPhase() {
        return general instanceof SmartLifecycle lifecycle ? lifecycle.getPhase() : SmartLifecycle.DEFAULT_PHASE;
    }

    @Override
    public final void destroy() throws Exception {
        named.close(Closing::quietly);
        if (general instanceof DisposableBean disposable) {
            disposable.destroy();
        } else if (general instanceof AutoCloseable closeable) { // which Spring would have closed by itself
            closeable.close();
        }
    }
}
