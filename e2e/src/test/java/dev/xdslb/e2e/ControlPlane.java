/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.e2e;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The control plane from its jar, with nothing but what its pod would have in the cluster: the address of the API server,
 * and the token of the ServiceAccount that our manifests make.
 */
final class ControlPlane implements AutoCloseable {

    static final String NAMESPACE = "xds-lb";
    static final String SERVICE_ACCOUNT = "eds-control-plane";
    static final String XDS_ADDRESS = "127.0.0.1:18000";

    private static final String HTTP = "http://127.0.0.1:8090";
    private static final URI READINESS = URI.create(HTTP + "/actuator/health/readiness");
    private static final URI STREAMS = URI.create(HTTP + "/debug/streams");
    private static final String ENDPOINT_TYPE = "type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment";

    private final Map<String, String> environment;
    private Program program;

    private ControlPlane(Map<String, String> environment) {
        this.environment = environment;
        this.program = launch();
    }

    /** Installs our manifests and starts the control plane, up to the point where its readiness probe succeeds. */
    static ControlPlane start(KubernetesCluster cluster) {
        cluster.apply(Project.root("eds-control-plane-app/kubernetes"));
        Path token = KubeScript.runFile("eds-control-plane.token");
        try {
            Files.writeString(token, cluster.token(NAMESPACE, SERVICE_ACCOUNT));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new ControlPlane(Map.of(
                "KUBERNETES_SERVICE_HOST",
                KubernetesCluster.API_HOST,
                "KUBERNETES_SERVICE_PORT",
                String.valueOf(KubernetesCluster.API_PORT),
                "KUBERNETES_AUTH_SERVICEACCOUNT_TOKEN",
                token.toString(),
                "KUBERNETES_CERTS_CA_FILE",
                cluster.certificateAuthority().toString(),
                "KUBERNETES_AUTH_TRYKUBECONFIG",
                "false",
                "POD_NAMESPACE",
                NAMESPACE));
    }

    /** Ends the process as a crash would. */
    void kill() {
        program.kill();
    }

    /** Starts it again after {@link #kill}. */
    void restart() {
        program = launch();
    }

    /** Returns what each connected client of the xds-lb kind was told about endpoints since its stream began. */
    List<EndpointStream> endpointStreams() {
        List<EndpointStream> streams = new ArrayList<>();
        try {
            for (JsonNode stream :
                    new ObjectMapper().readTree(Http.get(STREAMS).body()).path("streams")) {
                for (JsonNode type : stream.path("types")) {
                    if (type.path("typeUrl").asText().equals(ENDPOINT_TYPE)) {
                        streams.add(new EndpointStream(
                                stream.path("node").asText(),
                                names(type.path("subscribed")),
                                type.path("counts").path("resources").asLong()));
                    }
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return streams;
    }

    private static List<String> names(JsonNode array) {
        List<String> names = new ArrayList<>();
        array.forEach(name -> names.add(name.asText()));
        return names;
    }

    private Program launch() {
        ProcessBuilder builder = new ProcessBuilder(
                Program.javaJar(Project.executableJar("eds-control-plane-app", "-exec"), "--server.port=8090"));
        builder.environment().putAll(environment);
        return Program.start("eds-control-plane", builder).awaitUp(READINESS);
    }

    @Override
    public void close() {
        program.close();
    }

    /**
     * @param node the client's id
     * @param subscribed the names that it asked for
     * @param resources how many endpoint lists it was sent
     */
    record EndpointStream(String node, List<String> subscribed, long resources) {}
}
