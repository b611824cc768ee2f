/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.xds;

import dev.xdslb.cluster.EndpointSource;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One subscription. Told on the client's executor only; closed from any thread. */
final class Watch implements EndpointSource.Subscription {
    private static final Logger log = LoggerFactory.getLogger(Watch.class);

    private final String resource;
    private final EndpointSource.Watcher watcher;
    private final Consumer<Watch> onClose;
    private volatile boolean closed;

    Watch(String resource, EndpointSource.Watcher watcher, Consumer<Watch> onClose) {
        this.resource = resource;
        this.watcher = watcher;
        this.onClose = onClose;
    }

    String resource() {
        return resource;
    }

    /** Tells the watcher, unless it stopped watching. */
    void tell(Consumer<EndpointSource.Watcher> news) {
        if (closed) {
            return;
        }
        try {
            news.accept(watcher);
        } catch (RuntimeException e) { // must cost no other watcher its news
            log.error("a watcher of {} failed at what it was told", resource, e);
        }
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true; // closed twice at once, it is removed twice, which does no harm
            onClose.accept(this);
        }
    }
}
