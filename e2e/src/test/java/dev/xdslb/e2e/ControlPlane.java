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
import java.util.TreeMap;

/**
 * The control plane from its jar, with nothing but what its pod would have in the cluster: the address of the API server,
 * and the token of the ServiceAccount that our manifests make.
 */
final class ControlPlane implements AutoCloseable {

    static final String NAMESPACE = "xds-lb";
    static final String SERVICE_ACCOUNT = "eds-control-plane";
    static final int XDS_PORT = 18000;
    static final String XDS_ADDRESS = "127.0.0.1:" + XDS_PORT;

    private static final String HTTP = "http://127.0.0.1:8090";
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
        cluster.apply(Project.e2e("kubernetes"));
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

    /** Returns what its clients refused since it started, by type: nothing where all is well. */
    Map<String, Integer> nacks() {
        return Nacks.byType(URI.create(HTTP));
    }

    /** Ends the process as a crash would. */
    void kill() {
        program.kill();
    }

    /** Starts it again after {@link #kill}. */
    void restart() {
        program = launch();
    }

    /**
     * Starts another one with the same rights, and only further settings. While both run, both write statuses.
     *
     * @param http where it says how it is
     */
    Program another(String name, URI http, String... settings) {
        return launch(name, http, settings);
    }

    /** Returns what each connected client of the xds-lb kind was told about endpoints since its stream began. */
    List<EndpointStream> endpointStreams() {
        List<EndpointStream> streams = new ArrayList<>();
        for (JsonNode stream : read(STREAMS).path("streams")) {
            for (JsonNode type : stream.path("types")) {
                if (type.path("typeUrl").asText().equals(ENDPOINT_TYPE)) {
                    streams.add(new EndpointStream(
                            stream.path("node").asText(),
                            names(type.path("subscribed")),
                            type.path("counts").path("resources").asLong()));
                }
            }
        }
        return streams;
    }

    /** Returns what {@code /debug/streams} says of the streams of one client. */
    JsonNode streams(String node) {
        return read(URI.create(STREAMS + "?node=" + node)).path("streams");
    }

    /** Returns the endpoints that every client is told of: health, zone and weight by address. */
    Map<String, String> servedEndpoints(String service, String resource) {
        Map<String, String> endpoints = new TreeMap<>();
        for (JsonNode found :
                read(URI.create(HTTP + "/debug/endpoints?service=" + service)).path("services")) {
            for (JsonNode port : found.path("ports")) {
                for (JsonNode endpoint : port.path("endpoints")) {
                    String health = endpoint.path("health").asText();
                    if (port.path("resource").asText().equals(resource) && !health.equals("not-ready")) {
                        endpoints.put(
                                endpoint.path("address").asText(),
                                (health.equals("ready") ? "HEALTHY" : "DRAINING") + " in "
                                        + endpoint.path("zone").asText() + " weighs "
                                        + endpoint.path("weight").asInt());
                    }
                }
            }
        }
        return endpoints;
    }

    private static JsonNode read(URI address) {
        try {
            return new ObjectMapper().readTree(Http.get(address).body());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<String> names(JsonNode array) {
        List<String> names = new ArrayList<>();
        array.forEach(name -> names.add(name.asText()));
        return names;
    }

    private Program launch() {
        return launch("eds-control-plane", URI.create(HTTP));
    }

    private Program launch(String name, URI http, String... settings) {
        List<String> arguments = new ArrayList<>(
                List.of("--server.port=" + http.getPort(), "--xds-lb.control-plane.gateway-api.enabled=true"));
        arguments.addAll(List.of(settings));
        ProcessBuilder builder = new ProcessBuilder(
                Program.javaJar(Project.jar("eds-control-plane-app", "-exec"), arguments.toArray(String[]::new)));
        builder.environment().putAll(environment);
        return Program.start(name, builder).awaitUp(http.resolve("/actuator/health/readiness"));
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
