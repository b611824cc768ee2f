/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.sample.demo;

import dev.xdslb.cluster.ClusterRegistry;
import dev.xdslb.controlplane.ControlPlaneApplication;
import dev.xdslb.controlplane.ads.XdsServer;
import dev.xdslb.sample.SampleApplication;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import net.devh.boot.grpc.client.channelfactory.GrpcChannelFactory;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.support.GenericApplicationContext;
import org.springframework.web.client.RestClient;
import org.springframework.web.servlet.function.RouterFunction;

/** The whole system, running: pods, control plane, sample, the clients under load, director and page. */
final class Demo implements AutoCloseable {
    private static final String LOOPBACK = "127.0.0.1";

    // What the sample's clients ask the control plane for, see its application.yml.
    private static final String HTTP_RESOURCE = "orders.shop";
    private static final String GRPC_RESOURCE = "orders.shop:grpc";

    private final Deque<AutoCloseable> parts = new ArrayDeque<>(); // closed in reverse order
    private final Director director;
    private final Observer observer;
    private final int port;

    /**
     * Starts everything; when this returns, the clients are under load.
     *
     * @param audience is told what is done
     */
    Demo(DemoSettings settings, Consumer<Director.Event> audience) throws IOException {
        try {
            Clock clock = Clock.systemUTC();
            RandomGenerator random = ClusterRegistry.THREAD_LOCAL_RANDOM;
            Fleet fleet = opened(new Fleet(clock, settings.serviceTime()));
            ConfigurableApplicationContext controlPlane = opened(controlPlane(fleet));
            for (int i = 0; i < Troubles.PODS; i++) {
                fleet.start(Fleet.ZONES.get(i % Fleet.ZONES.size()));
            }

            int xdsPort = controlPlane.getBean(XdsServer.class).port();
            EnvoyCaller envoy = envoy(settings, fleet, xdsPort, audience, clock);

            Tables tables = new Tables();
            Set<ClientKind> clients = EnumSet.allOf(ClientKind.class);
            if (envoy == null) {
                clients.remove(ClientKind.ENVOY);
            } else {
                followReadyPods(ClientKind.ENVOY, fleet, tables);
            }
            Measurements measurements = new Measurements(System::nanoTime, tables, clients);
            PinnedClient pinned = pinned(fleet, tables, random);
            Troubles troubles = new Troubles(fleet, pinned::connectionsPerPod, random);
            this.director =
                    new Director(troubles, fleet, tables, measurements, settings.serviceTime(), clock, audience);
            this.observer = new Observer(fleet, measurements, director, clock);

            this.port = FreePort.preferably(settings.port());
            ConfigurableApplicationContext sample = opened(sample(xdsPort));
            ConfigurableApplicationContext oneByOne = opened(oneByOne(xdsPort));
            ClusterRegistry clusters = sample.getBean(ClusterRegistry.class);
            ClusterTables.follow(clusters.cluster(HTTP_RESOURCE), ClientKind.XDS_LB_HTTP, tables, fleet);
            ClusterTables.follow(clusters.cluster(GRPC_RESOURCE), ClientKind.XDS_LB_GRPC, tables, fleet);

            ClusterTables.follow(
                    oneByOne.getBean(ClusterRegistry.class).cluster(HTTP_RESOURCE),
                    ClientKind.ONE_BY_ONE,
                    tables,
                    fleet);

            HttpCaller http = opened(new HttpCaller(orders(sample, fleet)));
            GrpcCaller grpc =
                    new GrpcCaller(sample.getBean(GrpcChannelFactory.class).createChannel("orders"), fleet);
            pinned.connect(settings.pinnedConnections());
            for (Caller caller : envoy == null ? List.of(http, grpc, pinned) : List.of(http, grpc, pinned, envoy)) {
                opened(new Load(caller, measurements, settings.rate())).start();
            }
            opened(new OneByOne(orders(oneByOne, fleet)::call, measurements)).start();
        } catch (RuntimeException | IOException e) {
            close();
            throw e;
        }
    }

    Director director() {
        return director;
    }

    Observer observer() {
        return observer;
    }

    /** Returns the port of the page. */
    int port() {
        return port;
    }

    @Override
    public synchronized void close() {
        while (!parts.isEmpty()) {
            try {
                parts.pop().close();
            } catch (Exception e) {
                throw new IllegalStateException("the demo did not end in good order", e);
            }
        }
    }

    private PinnedClient pinned(Fleet fleet, Tables tables, RandomGenerator random) {
        ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread thread = new Thread(task, "pinned-timer");
            thread.setDaemon(true);
            return thread;
        });
        parts.push(timer::shutdownNow);
        followReadyPods(ClientKind.PINNED, fleet, tables);
        return opened(new PinnedClient(fleet::readyPods, random, timer));
    }

    /** Takes for the table of a client, which nobody can look into, what Kubernetes says. */
    private static void followReadyPods(ClientKind client, Fleet fleet, Tables tables) {
        Runnable follow = () -> tables.publish(
                client,
                fleet.readyPods().stream().map(DemoPod::name).collect(Collectors.toUnmodifiableSet()),
                System.nanoTime());
        fleet.onChange(follow);
        follow.run();
    }

    /** Returns who calls an Envoy; null where there is none, or none that serves. */
    private @Nullable EnvoyCaller envoy(
            DemoSettings settings, Fleet fleet, int xdsPort, Consumer<Director.Event> audience, Clock clock)
            throws IOException {
        Path program = EnvoyProxy.program(settings.envoy(), System.getenv("PATH"));
        if (program == null) {
            return null;
        }
        int listensOn = FreePort.preferably(0);
        fleet.manifests().writeGateway(listensOn);
        EnvoyCaller caller = new EnvoyCaller(EnvoyProxy.start(program, xdsPort, listensOn));
        try {
            if (caller.isAnswered()) {
                return opened(caller);
            }
            audience.accept(new Director.Event(
                    clock.instant(), program + " does not serve, and is left out; see xds-lb-demo-envoy.log"));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        caller.close();
        return null;
    }

    private ConfigurableApplicationContext controlPlane(Fleet fleet) {
        return ControlPlaneApplication.builder()
                .registerShutdownHook(false) // the demo closes its parts itself, one after the other
                .run(
                        "--server.address=" + LOOPBACK,
                        "--server.port=0",
                        "--server.shutdown=immediate",
                        "--xds-lb.control-plane.address=" + LOOPBACK,
                        "--xds-lb.control-plane.port=0",
                        "--xds-lb.control-plane.source=manifests",
                        "--xds-lb.control-plane.gateway-api.enabled=true",
                        "--xds-lb.control-plane.manifests.directory="
                                + fleet.manifests().path());
    }

    private ConfigurableApplicationContext sample(int xdsPort) {
        DemoPage page = new DemoPage(observer::state, director::wish);
        return new SpringApplicationBuilder(SampleApplication.class)
                .registerShutdownHook(false)
                .initializers(context -> ((GenericApplicationContext) context)
                        .registerBean("demoPage", RouterFunction.class, page::routes))
                .run(
                        "--server.address=" + LOOPBACK,
                        "--server.port=" + port,
                        "--server.shutdown=immediate",
                        "--spring.http.clients.read-timeout=" + OrderCall.DEADLINE_SECONDS + "s",
                        "--xds-lb.control-plane.address=" + LOOPBACK + ":" + xdsPort);
    }

    /**
     * The sample once more, without its pages: another process would not know either what the busy one has learnt about the
     * pods.
     */
    private static ConfigurableApplicationContext oneByOne(int xdsPort) {
        return new SpringApplicationBuilder(SampleApplication.class)
                .web(WebApplicationType.NONE)
                .registerShutdownHook(false)
                .run(
                        "--spring.http.clients.read-timeout=" + OrderCall.DEADLINE_SECONDS + "s",
                        "--xds-lb.control-plane.address=" + LOOPBACK + ":" + xdsPort);
    }

    private static BlockingOrders orders(ConfigurableApplicationContext application, Fleet fleet) {
        return new BlockingOrders(application.getBean(RestClient.Builder.class), fleet);
    }

    private <T extends AutoCloseable> T opened(T part) {
        parts.push(part);
        return part;
    }
}
