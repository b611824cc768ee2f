/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.kubernetes;

import io.fabric8.kubernetes.client.Config;

/**
 * How the client talks to an API server. Its defaults are made for small calls and for few of them; informers make large ones, and
 * for ever.
 */
public final class ApiConnection {
    /** Doubled five times by the client: after an outage a watch is back within 8 s. Its default is 1,000, that is 32 s. */
    private static final int RECONNECT_INTERVAL_MILLIS = 250;

    /**
     * Until the first byte of a response. An API server gives up after 60 s itself ({@code --request-timeout}); who asks again before
     * that makes a slow one slower. The client's default is 10 s.
     */
    private static final int REQUEST_TIMEOUT_MILLIS = 70_000;

    private ApiConnection() {}

    /**
     * Changes what a client is about to be made with. A longer request time-out of the user's stays.
     *
     * @param config changed in place
     * @return the same
     * @throws UnusableKubeconfigException when it has a key or a token that cannot be used
     */
    public static Config of(Config config) {
        config.setWatchReconnectInterval(RECONNECT_INTERVAL_MILLIS);
        config.setRequestTimeout(Math.max(REQUEST_TIMEOUT_MILLIS, config.getRequestTimeout()));
        // A time-out ends a connection of HTTP/1.1. One of HTTP/2 it leaves in use, also where the other side is gone.
        config.setHttp2Disable(true);
        ClientKey.identify(config);
        TokenFile.use(config);
        return config;
    }
}
