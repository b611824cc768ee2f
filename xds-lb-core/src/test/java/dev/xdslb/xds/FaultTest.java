/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.xds;

import static dev.xdslb.xds.Answers.delta;
import static dev.xdslb.xds.Answers.placeDelta;
import static dev.xdslb.xds.Answers.resource;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Parser;
import dev.xdslb.cluster.EndpointSource;
import dev.xdslb.cluster.Fault;
import dev.xdslb.cluster.FaultBoundary;
import dev.xdslb.cluster.Faults;
import dev.xdslb.cluster.ServiceSnapshot;
import dev.xdslb.xds.XdsStatus.State;
import dev.xdslb.xds.proto.ClientPlace;
import io.grpc.ManagedChannelBuilder;
import io.grpc.Status;
import java.io.IOException;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Errors, not only exceptions, wherever code that is not the client's, or a defect of its own, runs on its thread. */
class FaultTest {
    private static final String ORDERS = "orders.shop:8080";

    private ClientHarness harness;

    @AfterEach
    void stop() {
        if (harness != null) {
            harness.close();
        }
    }

    /** What a watcher may fail at. */
    enum News {
        SNAPSHOT,
        ABSENT,
        UNAVAILABLE
    }

    @ParameterizedTest
    @EnumSource
    void watcherThatThrowsAnError_costsNobodyElseTheNews_norTheStream(News news) throws IOException {
        harness = ClientHarness.delta();
        harness.client.subscribe(ORDERS, new FailingWatcher());
        RecordingWatcher other = harness.watch(ORDERS);
        switch (news) {
            case SNAPSHOT -> harness.answer(delta("n1").addResources(resource(ORDERS, "v1", "10.0.0.1:8080")));
            case ABSENT -> harness.answer(delta("n1").addRemovedResources(ORDERS));
            case UNAVAILABLE -> harness.answer(delta("n1").addResources(resource(ORDERS, "v1", "no-address:1")));
        }

        assertThat(other.news).hasSize(1);
        assertThat(harness.server.newestDelta().newestRequest().getResponseNonce())
                .isEqualTo("n1");
        assertThat(harness.client.status().connected()).isTrue();
        assertThat(harness.client.status().faults()).extracting(Fault::what).containsExactly("a watcher of " + ORDERS);

        harness.answer(delta("n2").addResources(resource(ORDERS, "v2", "10.0.0.2:8080")));
        assertThat(other.news).last().isEqualTo("v2 [10.0.0.2:8080]");
    }

    @Test
    void watcherThatThrowsAnErrorWhenTheStreamEnds_doesNotKeepTheNextOneFromBeingOpened() throws IOException {
        harness = ClientHarness.delta();
        harness.client.subscribe(ORDERS, new FailingWatcher());
        harness.executor.runDue();
        harness.server.newestDelta().fail(Status.INTERNAL);
        harness.awaitReconnect();

        assertThat(harness.server.delta).hasSize(2);
        assertThat(harness.server.newestDelta().requests).isNotEmpty();
    }

    @Test
    void watcherOfThePlaceThatThrowsAnError_doesNotEndTheStream() throws IOException {
        harness = ClientHarness.delta();
        harness.client.locate(new EndpointSource.PlaceWatcher() {
            @Override
            public void onPlace(EndpointSource.Place place) {
                throw new NoClassDefFoundError("a");
            }

            @Override
            public void onUnknown(String reason) {
                throw new NoClassDefFoundError("b");
            }
        });
        RecordingWatcher orders = harness.watch(ORDERS);
        String pod = "pod/shop/orders-5d9f";
        harness.answer(placeDelta("p1").addResources(Answers.place(pod, "v1", "west-1")));
        harness.answer(placeDelta("p2").addRemovedResources(pod));
        harness.answer(delta("n1").addResources(resource(ORDERS, "v1", "10.0.0.1:8080")));

        assertThat(orders.news).hasSize(1);
        assertThat(harness.server.delta).hasSize(1);
        assertThat(harness.client.faults())
                .singleElement()
                .satisfies(fault -> assertThat(fault.times()).isEqualTo(2));
    }

    @Test
    void channelFactoryThatThrowsAnError_isAnOutage_andTriedAgain() throws IOException {
        AtomicInteger attempts = new AtomicInteger();
        harness = new ClientHarness(settings -> settings.channelFactory(address -> {
            attempts.incrementAndGet();
            throw new NoClassDefFoundError("io/netty/Missing");
        }));
        RecordingWatcher orders = harness.watch(ORDERS);
        harness.executor.advance(Duration.ofSeconds(2));

        assertThat(orders.news).singleElement().asString().endsWith("INTERNAL, io/netty/Missing");
        assertThat(attempts.get()).isGreaterThan(2);
    }

    @Test
    void lookupThatThrowsAnError_isAnOutage_andTriedAgain() throws IOException {
        AtomicInteger attempts = new AtomicInteger();
        harness = new ClientHarness(settings -> settings.channelFactory(new ChannelFactory() {
            @Override
            public ManagedChannelBuilder<?> newChannelBuilder(String address) {
                throw new AssertionError("not reached");
            }

            @Override
            public void resolve(String address) {
                attempts.incrementAndGet();
                throw new StackOverflowError("a resolver");
            }
        }));
        RecordingWatcher orders = harness.watch(ORDERS);
        harness.executor.advance(Duration.ofSeconds(2));

        assertThat(orders.news).singleElement().asString().endsWith("UNAVAILABLE, a resolver");
        assertThat(attempts.get()).isGreaterThan(2);
    }

    @Test
    void hostThatIsNotKnown_isSaidToBeThat() throws IOException {
        harness = new ClientHarness(settings -> settings.channelFactory(new ChannelFactory() {
            @Override
            public ManagedChannelBuilder<?> newChannelBuilder(String address) {
                throw new AssertionError("not reached");
            }

            @Override
            public void resolve(String address) throws UnknownHostException {
                throw new UnknownHostException("eds-control-plane.xds-lb"); // all that the JDK says from its cache
            }
        }));
        RecordingWatcher orders = harness.watch(ORDERS);
        harness.executor.advance(Duration.ofSeconds(2));

        assertThat(orders.news)
                .singleElement()
                .asString()
                .endsWith("UNAVAILABLE, unknown host eds-control-plane.xds-lb");
    }

    @Test
    void resourceWhoseDecodingThrowsAnError_isRefusedAlone() throws IOException {
        ManualExecutor executor = new ManualExecutor();
        Faults faults = new Faults();
        FaultBoundary boundary = faults.boundary("reading", "the last one stays");
        ResourceTable<String> table = new ResourceTable<>(
                new FailingDecoder(),
                "control plane cp",
                Duration.ofSeconds(15),
                new SerialExecutor(executor, boundary),
                executor.clock(),
                boundary,
                () -> {});
        Recorder bad = new Recorder();
        Recorder good = new Recorder();
        table.add("bad", bad);
        table.add("good", good);

        List<String> problems = table.take(DeltaStream.read(placeDelta("n")
                .addResources(Answers.place("bad", "v1", "a"))
                .addResources(Answers.place("good", "v1", "b"))
                .build()));

        assertThat(problems).containsExactly("bad: cannot be read: java.lang.StackOverflowError: deep");
        assertThat(bad.news).singleElement().asString().contains("a thing that cannot be used");
        assertThat(good.news).containsExactly("good");
        assertThat(table.status()).extracting(XdsStatus.Resource::state).containsExactly(State.NACKED, State.ACKED);
        assertThat(faults.total()).isEqualTo(1);
    }

    @Test
    void taskThatThrowsAnError_leadsToTheNextAttempt() {
        ManualExecutor executor = new ManualExecutor();
        AtomicInteger goneOn = new AtomicInteger();
        Faults faults = new Faults();
        SerialExecutor serial = new SerialExecutor(executor, faults.boundary("a task", "it goes on"));
        serial.afterFault(goneOn::incrementAndGet);
        AtomicInteger ran = new AtomicInteger();

        serial.execute(() -> {
            throw new OutOfMemoryError("not really");
        });
        Future<?> unused = serial.schedule(
                () -> {
                    throw new ExceptionInInitializerError("a");
                },
                1);
        serial.execute(ran::incrementAndGet);
        executor.advance(Duration.ofSeconds(1));

        assertThat(ran).hasValue(1);
        assertThat(goneOn).hasValue(2);
        assertThat(faults.faults())
                .singleElement()
                .satisfies(fault -> assertThat(fault.times()).isEqualTo(2));
    }

    private static final class FailingWatcher implements EndpointSource.Watcher {
        @Override
        public void onSnapshot(ServiceSnapshot snapshot) {
            throw new StackOverflowError("this watcher is broken");
        }

        @Override
        public void onAbsent(String reason) {
            throw new NoClassDefFoundError("this watcher is broken");
        }

        @Override
        public void onUnavailable(String reason) {
            throw new AssertionError("this watcher is broken");
        }
    }

    private static final class Recorder implements ResourceWatcher<String> {
        private final List<String> news = new java.util.ArrayList<>();

        @Override
        public void onResource(String version, String content) {
            news.add(content);
        }

        @Override
        public void onAbsent(String reason) {
            news.add(reason);
        }

        @Override
        public void onUnavailable(String reason) {
            news.add(reason);
        }
    }

    private static final class FailingDecoder implements ResourceDecoder<ClientPlace, String> {
        @Override
        public String typeUrl() {
            return AdsMethods.PLACE_TYPE_URL;
        }

        @Override
        public String noun() {
            return "a thing";
        }

        @Override
        public Parser<ClientPlace> parser() {
            return ClientPlace.parser();
        }

        @Override
        public String nameField() {
            return "name";
        }

        @Override
        public String name(ClientPlace message) {
            return message.getName();
        }

        @Override
        public String decode(ClientPlace message) {
            if (message.getName().equals("bad")) {
                throw new StackOverflowError("deep");
            }
            return message.getName();
        }
    }
}
