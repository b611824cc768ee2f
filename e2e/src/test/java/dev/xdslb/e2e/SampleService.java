/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.e2e;

import java.net.URI;
import java.nio.file.Path;

/** The sample from its jar: an ordinary Spring Boot service that calls {@code orders} through xds-lb. */
final class SampleService implements AutoCloseable {

    private static final String HTTP = "http://127.0.0.1:8080";

    private final Program program;

    private SampleService(Program program) {
        this.program = program;
    }

    static SampleService start() {
        ProcessBuilder builder = new ProcessBuilder(Program.javaJar(
                jar(),
                "--server.port=8080",
                "--spring.web.error.include-message=always", // to see in the answer what the client says
                "--xds-lb.control-plane.address=" + ControlPlane.XDS_ADDRESS,
                "--xds-lb.namespace=" + OrdersDeployment.NAMESPACE));
        return new SampleService(Program.start("sample", builder).awaitUp(URI.create(HTTP + "/actuator/health")));
    }

    /** Starts one that has the variables of a pod, and of whose requests nothing is asked. */
    static Program inPod(String name, int port, String namespace, String pod) {
        ProcessBuilder builder = new ProcessBuilder(Program.javaJar(
                jar(), "--server.port=" + port, "--xds-lb.control-plane.address=" + ControlPlane.XDS_ADDRESS));
        builder.environment().put("POD_NAME", pod);
        builder.environment().put("POD_NAMESPACE", namespace);
        return Program.start(name, builder).awaitUp(URI.create("http://127.0.0.1:" + port + "/actuator/health"));
    }

    /** The jar also holds the server that runs in the pods. */
    static Path jar() {
        return Project.jar("sample-app", "");
    }

    /** Requests that the sample answers by calling {@code orders} with its {@code RestClient}. */
    Load load() {
        return load(Client.REST_CLIENT);
    }

    Load load(Client client, String... methods) {
        return new Load(URI.create(HTTP + client.path), methods);
    }

    @Override
    public void close() {
        program.close();
    }

    /** With what the sample calls {@code orders}. */
    enum Client {
        REST_CLIENT("/orders/1"),
        WEB_CLIENT("/web-client/orders/1"),
        GRPC("/grpc/orders/1");

        private final String path;

        Client(String path) {
            this.path = path;
        }
    }
}
