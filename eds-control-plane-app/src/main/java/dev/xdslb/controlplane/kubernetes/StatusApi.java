/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.kubernetes;

import dev.xdslb.controlplane.topology.ObjectId;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.RequestConfigBuilder;
import io.fabric8.kubernetes.client.http.HttpClient;
import io.fabric8.kubernetes.client.http.HttpRequest;
import java.net.URI;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes statuses by JSON merge patches. By the client's HTTP alone: its own operation for a patch reads the object first, which
 * would need one more right, and tries again by itself.
 */
final class StatusApi implements StatusWriter.Api {
    /** Of one write; who writes tries again later, and shows that it lives meanwhile. */
    private static final Duration TIMEOUT = Duration.ofSeconds(10);

    private static final Logger logger = LoggerFactory.getLogger(StatusApi.class);

    private final HttpClient http;
    private final URI server;

    /** Creates one that leaves the client open. */
    StatusApi(KubernetesClient client) {
        this.http = client.getHttpClient()
                .newBuilder()
                .tag(new RequestConfigBuilder().withRequestRetryBackoffLimit(0).build())
                .build();
        this.server = URI.create(client.getMasterUrl().toString());
    }

    @Override
    public int patch(ObjectId id, String patch) throws InterruptedException {
        HttpRequest request = http.newHttpRequestBuilder()
                .uri(server.resolve(path(id)))
                .method("PATCH", "application/merge-patch+json", patch)
                .timeout(TIMEOUT.toMillis(), TimeUnit.MILLISECONDS)
                .build();
        try {
            return http.sendAsync(request, String.class)
                    .get(TIMEOUT.toMillis(), TimeUnit.MILLISECONDS)
                    .code();
        } catch (ExecutionException | TimeoutException e) {
            logger.debug("the status of {} is not written", id, e);
            return 0;
        }
    }

    /** Relative, as an API server may be behind a path. Names are those of objects that exist: nothing in them is to be escaped. */
    private static String path(ObjectId id) {
        String namespace = id.namespace().isEmpty() ? "" : "namespaces/" + id.namespace() + "/";
        return "apis/" + GatewayPruning.GROUP + "/v1/" + namespace + plural(id.kind()) + "/" + id.name() + "/status"
                + "?fieldManager=xds-lb";
    }

    private static String plural(ObjectId.Kind kind) {
        return switch (kind) {
            case GATEWAY_CLASS -> "gatewayclasses";
            case GATEWAY -> "gateways";
            case HTTP_ROUTE -> "httproutes";
            case GRPC_ROUTE -> "grpcroutes";
            default -> throw new IllegalArgumentException(kind + " (expected: one whose status is written)");
        };
    }
}
