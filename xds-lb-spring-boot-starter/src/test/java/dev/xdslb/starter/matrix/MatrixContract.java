/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.starter.matrix;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.xdslb.cluster.Cluster;
import dev.xdslb.cluster.ClusterRegistry;
import dev.xdslb.cluster.EndpointSource;
import dev.xdslb.load.EndpointLoad;
import dev.xdslb.load.RequestCounts;
import dev.xdslb.policy.Pool;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadFactory;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.Timeout;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.support.GenericApplicationContext;

/**
 * Every outcome with every client, as the table of the documentation has it: what each attempt counts as, and that nothing is left in
 * flight. Each cell has a service of its own, with one endpoint.
 */
@Timeout(180)
abstract class MatrixContract {
    private final Matrix matrix = Matrix.read();
    private final Class<?> configuration;
    private final WebApplicationType type;
    private final List<? extends Client> clients;

    private Pod pod;
    private ConfigurableApplicationContext application;

    MatrixContract(Class<?> configuration, WebApplicationType type, Client[] clients) {
        this.configuration = configuration;
        this.type = type;
        this.clients = Arrays.asList(clients);
    }

    /** Returns what makes the threads that call. */
    abstract ThreadFactory threads() throws ReflectiveOperationException;

    /** Returns a property of the gateway's, without its prefix. */
    abstract String gateway(String property);

    @BeforeEach
    void start() throws Exception {
        pod = new Pod();
        threads(); // or nothing is run here
        List<String> arguments = new ArrayList<>(List.of(
                "--server.port=0",
                "--server.shutdown=immediate",
                "--spring.main.banner-mode=off",
                "--eureka.client.enabled=false",
                "--spring.http.clients.imperative.factory=jdk", // Apache's reads an answer to its end before it closes
                // it
                "--spring.http.clients.connect-timeout=500ms",
                "--spring.http.clients.read-timeout=2500ms",
                "--spring.cloud.openfeign.client.config.default.connect-timeout=500",
                "--spring.cloud.openfeign.client.config.default.read-timeout=2500",
                "--spring.http.serviceclient.matrix.base-url=lb://matrix",
                "--spring.cloud.circuitbreaker.resilience4j.disable-time-limiter=true",
                "--xds-lb.max-lease-age=1s",
                "--xds-lb.namespace=shop"));
        if (type == WebApplicationType.SERVLET) {
            arguments.add("--spring.cloud.gateway.server.webflux.enabled=false");
        } else {
            arguments.add("--" + gateway("httpclient.connect-timeout=500"));
            arguments.add("--" + gateway("httpclient.response-timeout=2500ms"));
        }
        arguments.addAll(routes());
        application = new SpringApplicationBuilder(configuration)
                .web(type)
                .initializers(context -> ((GenericApplicationContext) context)
                        .registerBean(
                                EndpointSource.class, () -> pod, definition -> definition.setDestroyMethodName("")))
                .run(arguments.toArray(String[]::new));
    }

    private List<String> routes() {
        List<String> routes = new ArrayList<>();
        int index = 0;
        for (Outcome outcome : Outcome.values()) {
            String service = outcome.service("gateway");
            String route = "--" + gateway("routes") + '[' + index++ + "].";
            routes.add(route + "id=" + service);
            routes.add(route + "uri=lb://" + service);
            routes.add(route + "predicates[0]=Path=/*/" + service);
            if (outcome.isRetried()) {
                routes.add(route + "filters[0].name=Retry");
                routes.add(route + "filters[0].args.retries=2");
                routes.add(route + "filters[0].args.series=SERVER_ERROR");
            }
        }
        return routes;
    }

    @AfterEach
    void stop() {
        if (application != null) {
            application.close();
        }
        pod.stop();
    }

    @TestFactory
    Stream<DynamicTest> cells() {
        clients.forEach(this::warmUp);
        return clients.stream()
                .flatMap(client -> Arrays.stream(Outcome.values())
                        .filter(outcome -> outcome != Outcome.CLOSED)
                        .filter(outcome -> !matrix.cell(outcome, client).equals(Matrix.IMPOSSIBLE))
                        .map(outcome -> DynamicTest.dynamicTest(
                                client.title() + ": " + outcome.title(), () -> check(outcome, client))));
    }

    /** The first call of a client loads classes for as long as a time-out, and is to a service that no cell has. */
    private void warmUp(Client client) {
        try {
            client.call(application, new Caller(Outcome.OK, Outcome.CLOSED.service(client.toString())));
        } catch (Exception e) {
            System.out.println(client.title() + ": the first call: " + e);
        }
    }

    private void check(Outcome outcome, Client client) throws Exception {
        Caller caller = new Caller(outcome, outcome.service(client.toString()));
        Thread thread = begin(client, caller);
        switch (outcome) {
            case CANCEL_BEFORE_HEADERS, HANG -> await().until(() -> pod.requests(caller.service()) > 0);
            case CANCEL_WITHIN_BODY, EVENTS, READ_LATE, WEB_SOCKET -> {
                caller.begun().join();
                EndpointLoad load = load(caller.service());
                assertThat(load.inFlight()).isEqualTo(1);
                await().until(() -> load.unansweredAgeNanos() == 0);
            }
            default -> {}
        }
        if (outcome == Outcome.CANCEL_BEFORE_HEADERS || outcome == Outcome.CANCEL_WITHIN_BODY) {
            caller.cancel(thread);
        }
        caller.patience().complete(null);
        thread.join();
        assertThat(settled(outcome, caller.service())).isEqualTo(matrix.cell(outcome, client));
    }

    private Thread begin(Client client, Caller caller) throws ReflectiveOperationException {
        Thread thread = threads().newThread(() -> {
            try {
                client.call(application, caller);
            } catch (Exception e) {
                System.out.printf(
                        "%s: %s: %s, %s%n", client.title(), caller.outcome().title(), e, e.getCause());
            } finally {
                caller.begun().complete(null);
            }
        });
        thread.start();
        return thread;
    }

    /** Returns what was counted once nothing is in flight any more, which only a response that is never closed needs a maximum age for. */
    private String settled(Outcome outcome, String service) {
        if (outcome == Outcome.NO_ENDPOINT) {
            return Matrix.cell(new RequestCounts(0, 0, 0, 0, 0, 0));
        }
        EndpointLoad load = load(service);
        await().untilAsserted(() -> assertThat(load.inFlight()).isZero());
        assertThat(load.abandoned()).isEqualTo(outcome == Outcome.NEVER_CLOSED ? 1 : 0);
        return load.abandoned() > 0 ? "found" : Matrix.cell(load.counts());
    }

    private EndpointLoad load(String service) {
        Cluster cluster = application.getBean(ClusterRegistry.class).cluster(service + ".shop");
        cluster.settled().toCompletableFuture().join();
        Pool pool = cluster.picker().plan().groups().get(0);
        return pool.get(0).endpointLoad();
    }

    @Test
    void contextThatIsClosedWithRequestsInFlight_leavesNone() throws Exception {
        Map<Client, EndpointLoad> loads = new LinkedHashMap<>();
        List<Thread> threads = new ArrayList<>();
        for (Client client : clients) {
            Caller caller = new Caller(Outcome.CLOSED, Outcome.CLOSED.service(client.toString()));
            loads.put(client, load(caller.service()));
            threads.add(begin(client, caller));
            await().until(() -> pod.requests(caller.service()) > 0);
        }
        application.close();
        for (Thread thread : threads) {
            thread.join();
        }
        loads.forEach((client, load) -> {
            await().untilAsserted(() -> assertThat(load.inFlight()).isZero());
            RequestCounts counts = load.counts();
            long ended = counts.succeeded() + counts.failed() + counts.refused() + counts.cancelled();
            assertThat(ended).as("%s: %s", client, counts).isEqualTo(1);
            assertThat(matrix.cell(Outcome.CLOSED, client)).isEqualTo("ended");
        });
    }
}
