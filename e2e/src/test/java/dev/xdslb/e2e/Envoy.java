/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.e2e;

import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;

/** An Envoy that is given a bootstrap and nothing more, as {@code e2e/clients/install.sh} fetches it. */
final class Envoy implements AutoCloseable {

    private static final Path BINARY = Project.e2e("target/clients/envoy");
    private static final Duration START_LIMIT = Duration.ofMinutes(1);

    /** All that an Envoy has to be told: who it is, where the control plane is, and where people may look inside it. */
    private static final String BOOTSTRAP = """
            node:
              id: %s
              cluster: ingress
            admin: {address: {socket_address: {address: 127.0.0.1, port_value: 0}}}
            layered_runtime: {layers: [{name: static, static_layer: {re2.max_program_size.error_level: 4294967295}}]}
            dynamic_resources:
              ads_config:
                api_type: %s
                transport_api_version: V3
                set_node_on_first_message_only: true
                grpc_services: [{envoy_grpc: {cluster_name: xds-lb}}]
              cds_config: {resource_api_version: V3, ads: {}}
              lds_config: {resource_api_version: V3, ads: {}}
            static_resources:
              clusters:
                - name: xds-lb
                  connect_timeout: 2s
                  load_assignment:
                    cluster_name: xds-lb
                    endpoints:
                      - lb_endpoints:
                          - endpoint: {address: {socket_address: {address: 127.0.0.1, port_value: %d}}}
                  typed_extension_protocol_options:
                    envoy.extensions.upstreams.http.v3.HttpProtocolOptions:
                      "@type": type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions
                      explicit_http_config: {http2_protocol_options: {connection_keepalive: {interval: 30s, timeout: 5s}}}
            %s""";

    /**
     * Listens on a port and sends everything to one cluster, with what an Envoy needs to know of requests that say a shard: for tests
     * that are not about listeners.
     */
    private static final String LISTENER = """
              listeners:
                - name: to-%2$s
                  address: {socket_address: {address: 127.0.0.1, port_value: %1$d}}
                  filter_chains:
                    - filters:
                        - name: http
                          typed_config:
                            "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
                            stat_prefix: ingress
                            route_config:
                              validate_clusters: false # it comes later
                              virtual_hosts:
                                - {name: all, domains: ["*"], routes: [{match: {prefix: /}, route: {cluster: "%2$s", hash_policy: [{header: {header_name: x-shard}}]}}]}
                            http_filters:
                              - name: envoy.filters.http.header_to_metadata
                                typed_config:
                                  "@type": type.googleapis.com/envoy.extensions.filters.http.header_to_metadata.v3.Config
                                  request_rules: [{header: x-shard, on_header_present: {metadata_namespace: envoy.lb, key: shard}}]
                              - name: envoy.filters.http.router
                                typed_config:
                                  "@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router
            """;

    private final Program program;
    private final URI admin;
    private final ObjectMapper json = new ObjectMapper();

    private Envoy(Program program, URI admin) {
        this.program = program;
        this.admin = admin;
    }

    /** With which protocol an Envoy asks the control plane. */
    enum Protocol {
        DELTA("DELTA_GRPC"),
        SOTW("GRPC");

        private final String apiType;

        Protocol(String apiType) {
            this.apiType = apiType;
        }
    }

    /** Returns the path of the program. */
    static Path program() {
        return BINARY;
    }

    /** Returns the version that {@code install.sh} fetches. */
    static String version() {
        return Page.read("e2e/clients/install.sh")
                .text()
                .lines()
                .filter(line -> line.startsWith("ENVOY="))
                .findFirst()
                .orElseThrow()
                .substring("ENVOY=".length());
    }

    static boolean isAtHand() {
        return Files.exists(BINARY);
    }

    /** Returns what to do where it is not at hand. */
    static String howToGet() {
        return "no Envoy at " + BINARY + ": e2e/clients/install.sh fetches it where Python has venv";
    }

    /** Starts one with a bootstrap. */
    static Envoy start(String node, String bootstrap) {
        Envoy envoy = launch(node, bootstrap);
        // Ready is who has heard from the control plane.
        envoy.program.awaitUp(envoy.admin.resolve("/ready"));
        return envoy;
    }

    /** Starts one that listens on a port of its own accord and sends everything to one cluster of the control plane's. */
    static Envoy startFor(String cluster, int port, String node, Protocol protocol, int xdsPort) {
        return start(node, BOOTSTRAP.formatted(node, protocol.apiType, xdsPort, LISTENER.formatted(port, cluster)));
    }

    /** Starts one that may never hear all that it asks for. */
    static Envoy launch(String node, String bootstrap) {
        try {
            Path directory = Files.createDirectories(KubeScript.LOGS);
            Path file = Files.writeString(directory.resolve(node + ".yaml"), bootstrap);
            Path address = directory.resolve(node + ".admin");
            Files.deleteIfExists(address);
            Program program = Program.start(
                    node,
                    new ProcessBuilder(
                            BINARY.toString(),
                            "--config-path",
                            file.toString(),
                            "--admin-address-path",
                            address.toString(),
                            "--service-node",
                            node,
                            "--concurrency",
                            "1",
                            "--disable-hot-restart",
                            "--log-level",
                            "warning"));
            await(node + " says where its admin listens")
                    .atMost(START_LIMIT)
                    .failFast(node + " has ended, see " + program.log(), () -> !program.isAlive())
                    .until(() ->
                            Files.exists(address) && !Files.readString(address).isBlank());
            return new Envoy(
                    program, URI.create("http://" + Files.readString(address).strip()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Returns {@code /clusters} of its admin page. */
    JsonNode clusters() {
        return read("/clusters?format=json");
    }

    /** Returns {@code /config_dump} of its admin page, endpoints included. */
    JsonNode configDump() {
        return read("/config_dump?include_eds");
    }

    /** Returns {@code /certs} of its admin page: the certificates that it has. */
    JsonNode certificates() {
        return read("/certs").path("certificates");
    }

    /** Returns the endpoints that it has of a cluster: health, zone and weight by address. */
    Map<String, String> endpoints(String cluster) {
        Map<String, String> hosts = new TreeMap<>();
        for (JsonNode status : clusters().path("cluster_statuses")) {
            if (status.path("name").asText().equals(cluster)) {
                for (JsonNode host : status.path("host_statuses")) {
                    JsonNode socket = host.at("/address/socket_address");
                    hosts.put(
                            socket.path("address").asText() + ":"
                                    + socket.path("port_value").asInt(),
                            host.at("/health_status/eds_health_status").asText() + " in "
                                    + host.at("/locality/zone").asText() + " weighs "
                                    + host.path("weight").asInt());
                }
            }
        }
        return hosts;
    }

    /** Returns the value of a counter or gauge. */
    long stat(String name) {
        for (JsonNode stat : read("/stats?format=json&filter=" + name).path("stats")) {
            if (stat.path("name").asText().equals(name)) {
                return stat.path("value").asLong();
            }
        }
        throw new IllegalArgumentException("statistic \"" + name + "\": Envoy has none of this name");
    }

    private JsonNode read(String path) {
        try {
            return json.readTree(Http.get(admin.resolve(path)).body());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    Path log() {
        return program.log();
    }

    @Override
    public void close() {
        program.close();
    }
}
