/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.sample.demo;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * An Envoy that knows nothing but where the control plane is: it is told from there what to listen on, and whom to call. It logs into
 * a file of the temporary folder.
 */
final class EnvoyProxy implements AutoCloseable {
    private static final String PROGRAM = "envoy";

    /** Of the Gateway that it serves. */
    private static final String GATEWAY = "shop/edge";

    private static final long SECONDS_TO_END = 5;

    private final Process process;
    private final Path bootstrap;
    private final int port;

    private EnvoyProxy(Process process, Path bootstrap, int port) {
        this.process = process;
        this.bootstrap = bootstrap;
        this.port = port;
    }

    /**
     * Returns the program to start, null where there is none.
     *
     * @param wanted the one that the settings name, if they do
     * @param searchPath the folders to look in otherwise, as in the environment variable {@code PATH}
     */
    static @Nullable Path program(@Nullable Path wanted, @Nullable String searchPath) {
        if (wanted != null) {
            return wanted;
        }
        return Stream.of((searchPath == null ? "" : searchPath).split(File.pathSeparator))
                .filter(folder -> !folder.isEmpty())
                .map(folder -> Path.of(folder, PROGRAM))
                .filter(Files::isRegularFile)
                .filter(Files::isExecutable)
                .findFirst()
                .orElse(null);
    }

    /**
     * Starts one; it listens as soon as the control plane has told it to.
     *
     * @param port where the Gateway has it listen
     */
    static EnvoyProxy start(Path program, int xdsPort, int port) throws IOException {
        Path bootstrap = Files.createTempFile("xds-lb-demo-envoy-", ".yaml");
        Files.writeString(bootstrap, bootstrap(xdsPort));
        Path log = Path.of(System.getProperty("java.io.tmpdir"), "xds-lb-demo-envoy.log");
        Process process = new ProcessBuilder(
                        program.toString(),
                        "--config-path",
                        bootstrap.toString(),
                        "--concurrency",
                        "1",
                        "--use-dynamic-base-id",
                        "--log-level",
                        "warning")
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        return new EnvoyProxy(process, bootstrap, port);
    }

    /** Returns where a path is that it serves. */
    URI at(String path) {
        return URI.create("http://127.0.0.1:" + port + path);
    }

    boolean isRunning() {
        return process.isAlive();
    }

    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(SECONDS_TO_END, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
            Files.deleteIfExists(bootstrap);
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        } catch (IOException e) {
            throw new UncheckedIOException("bootstrap of the demo's Envoy not deleted", e);
        }
    }

    private static String bootstrap(int xdsPort) {
        return """
                node:
                  id: demo-edge
                  cluster: demo
                  metadata: {gateway: %s}
                layered_runtime: {layers: [{name: static, static_layer: {re2.max_program_size.error_level: 4294967295}}]}
                dynamic_resources:
                  ads_config:
                    api_type: DELTA_GRPC
                    transport_api_version: V3
                    set_node_on_first_message_only: true
                    grpc_services: [{envoy_grpc: {cluster_name: control-plane}}]
                  cds_config: {resource_api_version: V3, ads: {}}
                  lds_config: {resource_api_version: V3, ads: {}}
                static_resources:
                  clusters:
                    - name: control-plane
                      type: STATIC
                      connect_timeout: 1s
                      typed_extension_protocol_options:
                        envoy.extensions.upstreams.http.v3.HttpProtocolOptions:
                          "@type": type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions
                          explicit_http_config:
                            http2_protocol_options:
                              connection_keepalive: {interval: 30s, timeout: 5s}
                      load_assignment:
                        cluster_name: control-plane
                        endpoints:
                          - lb_endpoints:
                              - endpoint: {address: {socket_address: {address: 127.0.0.1, port_value: %d}}}
                """.formatted(GATEWAY, xdsPort);
    }
}
