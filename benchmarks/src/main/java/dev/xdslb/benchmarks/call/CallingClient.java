/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.benchmarks.call;

import java.util.Arrays;
import java.util.List;

/** Who calls. Its name is the scenario's. */
public enum CallingClient {
    REST_CLIENT("call-rest-client"),
    WEB_CLIENT("call-web-client"),
    GRPC("call-grpc");

    private final String scenario;

    CallingClient(String scenario) {
        this.scenario = scenario;
    }

    /** Returns the name of its scenario. */
    public String scenario() {
        return scenario;
    }

    /**
     * Returns those whose scenarios begin with this.
     *
     * @throws IllegalArgumentException when there is none
     */
    public static List<CallingClient> named(String prefix) {
        List<CallingClient> named = Arrays.stream(values())
                .filter(client -> client.scenario.startsWith(prefix))
                .toList();
        if (named.isEmpty()) {
            throw new IllegalArgumentException("scenario: \"" + prefix + "\" (expected: one of "
                    + Arrays.stream(values()).map(CallingClient::scenario).toList() + ")");
        }
        return named;
    }

    /** Starts the client. */
    MeasuredCall start(BalancedBy balancing, ServerProcess servers) {
        return switch (this) {
            case REST_CLIENT -> HttpCalls.restClient(balancing, servers.httpPorts());
            case WEB_CLIENT -> HttpCalls.webClient(balancing, servers.httpPorts());
            case GRPC -> GrpcCalls.start(balancing, servers.grpcPorts());
        };
    }
}
