/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.kubernetes;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.xdslb.controlplane.topology.ObjectId;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.RequestConfigBuilder;
import io.fabric8.kubernetes.client.http.HttpClient;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.HttpResponse;
import java.net.URI;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes statuses by JSON merge patches. By the client's HTTP alone: its own operation for a patch gets the object first, which
 * would need one more right, and tries again by itself.
 */
final class StatusApi implements StatusWriter.Api {
    /** Of one write; who writes tries again later, and shows that it lives meanwhile. */
    private static final Duration TIMEOUT = Duration.ofSeconds(10);

    private static final ObjectMapper JSON = new ObjectMapper();

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
    public StatusWriter.Answer patch(ObjectId id, String patch) throws InterruptedException {
        HttpRequest request = http.newHttpRequestBuilder()
                .uri(server.resolve(path(id) + "/" + id.name() + "/status?fieldManager=xds-lb"))
                .method("PATCH", "application/merge-patch+json", patch)
                .timeout(TIMEOUT.toMillis(), TimeUnit.MILLISECONDS)
                .build();
        try {
            HttpResponse<String> response =
                    http.sendAsync(request, String.class).get(TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
            return new StatusWriter.Answer(response.code(), retryAfter(response.header("Retry-After")));
        } catch (ExecutionException | TimeoutException e) {
            logger.debug("the status of {} is not written", id, e);
            return StatusWriter.Answer.of(0);
        }
    }

    /** By a list, for which the right is there: to get an object is another one. */
    @Override
    public StatusWriter.@Nullable Shown read(ObjectId id) throws InterruptedException {
        HttpRequest request = http.newHttpRequestBuilder()
                .uri(server.resolve(path(id) + "?fieldSelector=metadata.name%3D" + id.name()))
                .timeout(TIMEOUT.toMillis(), TimeUnit.MILLISECONDS)
                .build();
        try {
            HttpResponse<String> response =
                    http.sendAsync(request, String.class).get(TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
            JsonNode object =
                    response.code() == 200 ? JSON.readTree(response.body()).at("/items/0") : null;
            if (object == null || object.isMissingNode()) {
                return null;
            }
            JsonNode status = object.path("status");
            return new StatusWriter.Shown(
                    object.at("/metadata/resourceVersion").asText(),
                    object.at("/metadata/generation").asLong(),
                    status.isObject() ? status : JSON.createObjectNode());
        } catch (ExecutionException | TimeoutException | JsonProcessingException e) {
            logger.debug("{} is not read", id, e);
            return null;
        }
    }

    /** Returns the seconds that an API server says; null where there is nothing that can be read, such as a date. */
    static @Nullable Duration retryAfter(@Nullable String header) {
        if (header == null || !header.matches("[0-9]{1,9}")) {
            return null;
        }
        return Duration.ofSeconds(Long.parseLong(header));
    }

    /** Relative, as an API server may be behind a path. Names are those of objects that exist: nothing in them is to be escaped. */
    private static String path(ObjectId id) {
        String namespace = id.namespace().isEmpty() ? "" : "namespaces/" + id.namespace() + "/";
        return "apis/" + GatewayPruning.GROUP + "/v1/" + namespace + plural(id.kind());
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
