/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.http.connection;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.context.Lifecycle;

/** Ends clients that the application does not know of. */
final class Closing {
    private static final Logger log = LoggerFactory.getLogger(Closing.class);

    private Closing() {}

    static void quietly(Object client) {
        try {
            if (client instanceof DisposableBean disposable) {
                disposable.destroy();
            } else if (client instanceof Lifecycle lifecycle) {
                lifecycle.stop();
            } else if (client instanceof AutoCloseable closeable) {
                closeable.close();
            }
        } catch (Exception e) {
            log.debug("{} could not be closed", client, e);
        }
    }
}
