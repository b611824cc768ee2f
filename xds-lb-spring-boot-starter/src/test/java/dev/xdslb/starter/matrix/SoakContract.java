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
import dev.xdslb.grpc.GrpcRegistration;
import dev.xdslb.load.EndpointLoad;
import dev.xdslb.policy.Pool;
import io.grpc.MethodDescriptor.MethodType;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.WeakHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.support.GenericApplicationContext;

/**
 * All clients of an application at once, each outcome of the matrix by chance, and pods that come and go several times a second.
 * When the dust has settled, nothing of it is left. Takes ten seconds of calls; with {@code -Dxdslb.soak.minutes=10} ten minutes.
 */
@Tag("figures") // not on each JDK
abstract class SoakContract {
    private static final Duration USUAL = Duration.ofSeconds(10);
    private static final int CALLERS = 3; // of each client

    /** Three tries with a connect and a read time-out each, and then some for a busy machine. */
    private static final Duration LONGEST_CALL = Duration.ofSeconds(15);

    /**
     * The heap holds some megabytes more or less after each collection: buffers and chunks that pools keep, code and its profiles. A leak of one object of
     * a hundred bytes for each call would be as much after ten minutes.
     */
    private static final long MOST_GROWTH = 8 << 20;

    /** Cached pools, such as Resilience4j's, keep an idle thread for 60 s. */
    private static final Duration IDLE_THREADS = Duration.ofSeconds(90);

    /** They are made once for all applications of a process, and stay: of Reactor, the JDK, and Awaitility. */
    private static final List<String> THREADS_OF_THE_PROCESS = List.of(
            "parallel-",
            "boundedElastic-",
            "reactor-http-",
            "reactor-netty-pool-maintenance-",
            "CompletableFutureDelayScheduler",
            "ForkJoinPool.commonPool",
            "Cleaner-",
            "awaitility-");

    private final Matrix matrix = Matrix.read();
    private final Class<?> configuration;
    private final WebApplicationType type;
    private final List<? extends Client> clients;
    private final String gateway;

    private final SoakFigures figures = new SoakFigures();
    private final Set<EndpointLoad> loads = Collections.synchronizedSet(Collections.newSetFromMap(new WeakHashMap<>()));
    private final List<GrpcClient> channels = new ArrayList<>();
    private SplittableRandom random;
    private ChurningPods pods;
    private ConfigurableApplicationContext application;
    private Set<Thread> threadsBefore;

    SoakContract(Class<?> configuration, WebApplicationType type, Client[] clients, String gateway) {
        this.configuration = configuration;
        this.type = type;
        this.clients = Arrays.asList(clients);
        this.gateway = gateway;
    }

    /** Returns the service that a client asks. */
    static String service(Client client, Outcome outcome) {
        String name = "soak-" + client.toString().toLowerCase(Locale.ROOT).replace('_', '-');
        return outcome == Outcome.NO_ENDPOINT ? "no-endpoint-" + name : name;
    }

    @BeforeEach
    void start() throws Exception {
        long seed = Long.getLong("xdslb.seed", System.nanoTime());
        System.out.println("random seed: " + seed + " (repeat with -Dxdslb.seed=" + seed + ")");
        random = new SplittableRandom(seed);
        threadsBefore = Thread.getAllStackTraces().keySet();
        pods = new ChurningPods(random.split());
        List<String> arguments = new ArrayList<>(List.of(
                "--server.port=0",
                "--server.shutdown=immediate",
                "--spring.main.banner-mode=off",
                "--logging.level.root=off", // every call that fails, and why
                "--eureka.client.enabled=false",
                "--spring.http.clients.imperative.factory=jdk",
                "--spring.http.clients.connect-timeout=500ms",
                "--spring.http.clients.read-timeout=1s",
                "--spring.cloud.openfeign.client.config.default.connect-timeout=500",
                "--spring.cloud.openfeign.client.config.default.read-timeout=1000",
                "--spring.http.serviceclient.matrix.base-url=lb://matrix",
                "--spring.cloud.circuitbreaker.resilience4j.disable-time-limiter=true",
                "--resilience4j.circuitbreaker.configs.default.sliding-window-type=TIME_BASED",
                "--resilience4j.circuitbreaker.configs.default.minimum-number-of-calls=1000000000", // it never opens
                "--xds-lb.max-lease-age=5s",
                "--xds-lb.metrics.endpoints=100",
                "--xds-lb.namespace=shop"));
        if (type == WebApplicationType.SERVLET) {
            arguments.add("--spring.cloud.gateway.server.webflux.enabled=false");
        } else {
            arguments.add("--" + gateway + "httpclient.connect-timeout=500");
            arguments.add("--" + gateway + "httpclient.response-timeout=1s");
        }
        arguments.addAll(routes());
        application = new SpringApplicationBuilder(configuration)
                .web(type)
                .initializers(context -> ((GenericApplicationContext) context)
                        .registerBean(
                                EndpointSource.class, () -> pods, definition -> definition.setDestroyMethodName("")))
                .run(arguments.toArray(String[]::new));
        GrpcRegistration grpc = application.getBean(GrpcRegistration.class);
        channels.add(new GrpcClient(grpc, MethodType.UNARY));
        channels.add(new GrpcClient(grpc, MethodType.BIDI_STREAMING));
    }

    private List<String> routes() {
        List<String> routes = new ArrayList<>();
        int index = 0;
        for (Outcome outcome : List.of(Outcome.OK, Outcome.NO_ENDPOINT)) {
            String service = "soak-gateway";
            service = outcome == Outcome.NO_ENDPOINT ? "no-endpoint-" + service : service;
            String route = "--" + gateway + "routes[" + index++ + "].";
            routes.add(route + "id=" + service);
            routes.add(route + "uri=lb://" + service);
            routes.add(route + "predicates[0]=Path=/*/" + service);
            routes.add(route + "filters[0].name=Retry");
            routes.add(route + "filters[0].args.retries=2");
            routes.add(route + "filters[0].args.series=SERVER_ERROR");
        }
        return routes;
    }

    @AfterEach
    void stop() {
        if (application != null) {
            application.close();
        }
        pods.stop();
    }

    @Test
    void allClients_withAnyOutcome_whilePodsComeAndGo_leaveNothing() throws Exception {
        long minutes = Long.getLong("xdslb.soak.minutes", 0);
        Duration half = (minutes > 0 ? Duration.ofMinutes(minutes) : USUAL).dividedBy(2);
        pods.churn();
        call(half.dividedBy(5)); // makes what is made once
        long atStart = settledHeap("after the start");
        call(half);
        long atHalf = settledHeap("after the first half");
        call(half);
        long atEnd = settledHeap("at the end");
        System.out.printf("%,d pods; %s%n", pods.born(), figures);

        ClusterRegistry clusters = application.getBean(ClusterRegistry.class);
        pods.settle();
        assertNothingIsLeftOfGonePods();
        assertThat(clusters.faults()).isEmpty();
        assertThat(clusters.faultCount()).isZero();
        assertThat(figures.longestMillis()).isLessThan(LONGEST_CALL.toMillis());
        assertThat(atEnd - atHalf)
                .as("growth: %,d bytes at start, %,d after half, %,d at the end", atStart, atHalf, atEnd)
                .isLessThan(MOST_GROWTH);
        closeAll();
        assertNoThreadIsLeft();
    }

    private void call(Duration time) throws InterruptedException {
        AtomicBoolean stopped = new AtomicBoolean();
        ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
        List<SoakCaller> callers = new ArrayList<>();
        List<Thread> threads = new ArrayList<>();
        List<Client> all = new ArrayList<>(clients);
        all.addAll(channels);
        for (Client client : all) {
            for (int i = 0; i < CALLERS; i++) {
                SoakCaller caller =
                        new SoakCaller(client, application, outcomes(client), random.split(), timer, figures, stopped);
                callers.add(caller);
                threads.add(new Thread(caller, client + " " + i));
            }
        }
        threads.forEach(Thread::start);
        var watching = timer.scheduleAtFixedRate(() -> watch(callers), 1, 1, TimeUnit.SECONDS);
        var ending = timer.schedule(() -> stopped.set(true), time.toMillis(), TimeUnit.MILLISECONDS);
        for (Thread thread : threads) {
            thread.join();
        }
        ending.cancel(false);
        watching.cancel(false);
        timer.shutdownNow();
    }

    /** Notes whose requests have ever been counted, and says who is late. */
    private void watch(List<SoakCaller> callers) {
        for (Cluster cluster : clusters()) {
            loads.addAll(loads(cluster));
        }
        callers.stream()
                .map(caller -> caller.lateSince(LONGEST_CALL.toNanos()))
                .filter(Objects::nonNull)
                .forEach(System.out::println);
    }

    private Collection<Cluster> clusters() {
        return application.getBean(ClusterRegistry.class).clusters();
    }

    private static List<EndpointLoad> loads(Cluster cluster) {
        List<EndpointLoad> found = new ArrayList<>();
        for (Pool pool : cluster.picker().plan().groups()) {
            for (int i = 0; i < pool.size(); i++) {
                found.add(pool.get(i).endpointLoad());
            }
        }
        return found;
    }

    private List<Outcome> outcomes(Client client) {
        return Arrays.stream(Outcome.values())
                .filter(outcome -> outcome != Outcome.CLOSED)
                .filter(outcome -> outcome != Outcome.REFUSED && outcome != Outcome.STUCK) // some pods do so
                .filter(outcome -> client instanceof GrpcClient
                        ? GrpcClient.isPossible(outcome)
                        : !matrix.cell(outcome, client).equals(Matrix.IMPOSSIBLE))
                .toList();
    }

    private Map<String, Long> inFlight() {
        return clusters().stream()
                .filter(cluster -> cluster.picker().totals().inFlight() != 0)
                .collect(Collectors.toMap(
                        Cluster::resource, cluster -> cluster.picker().totals().inFlight()));
    }

    private long settledHeap(String when) {
        await().atMost(Duration.ofSeconds(30)).untilAsserted(() -> {
            assertThat(inFlight()).isEmpty();
            synchronized (loads) {
                assertThat(loads).allSatisfy(load -> assertThat(load.inFlight()).isZero());
            }
        });
        long live = SoakFigures.liveHeap();
        System.out.printf(
                "%s: %,d calls, %,d requests to pods, %,d bytes live, %d threads%n",
                when, figures.calls(), pods.requests(), live, Thread.activeCount());
        return live;
    }

    private void assertNothingIsLeftOfGonePods() {
        await().atMost(Duration.ofSeconds(30)).untilAsserted(() -> {
            System.gc();
            Set<String> present = clusters().stream()
                    .flatMap(cluster -> cluster.endpoints().stream())
                    .map(endpoint -> endpoint.podName() + ' ' + endpoint.address())
                    .collect(Collectors.toSet());
            assertThat(metered()).isNotEmpty().isSubsetOf(present);
            assertThat(loads).as("what is measured").hasSizeLessThanOrEqualTo(present.size());
        });
    }

    private Set<String> metered() {
        return application.getBean(MeterRegistry.class).find("xdslb.endpoint.requests.active").gauges().stream()
                .map(Gauge::getId)
                .map(id -> id.getTag("xds.pod") + ' ' + id.getTag("xds.endpoint"))
                .collect(Collectors.toSet());
    }

    private void closeAll() {
        for (GrpcClient channel : channels) {
            channel.close();
        }
        application.close();
        pods.stop();
    }

    private void assertNoThreadIsLeft() {
        await().atMost(IDLE_THREADS).untilAsserted(() -> {
            System.gc(); // the JDK's client ends when it is collected
            assertThat(Thread.getAllStackTraces().keySet().stream()
                            .filter(thread -> !threadsBefore.contains(thread))
                            .map(Thread::getName)
                            .filter(name -> THREADS_OF_THE_PROCESS.stream().noneMatch(name::startsWith)))
                    .isEmpty();
        });
    }
}
