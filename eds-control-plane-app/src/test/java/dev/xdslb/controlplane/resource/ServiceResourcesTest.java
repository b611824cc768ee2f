/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.resource;

import static com.google.common.util.concurrent.Uninterruptibles.awaitUninterruptibly;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.Message;
import dev.xdslb.controlplane.ads.ClientPlace;
import dev.xdslb.controlplane.ads.ClientVariant;
import dev.xdslb.controlplane.ads.ClientVariant.Family;
import dev.xdslb.controlplane.ads.EncodedResource;
import dev.xdslb.controlplane.ads.Lookup;
import dev.xdslb.controlplane.ads.ResourceType;
import dev.xdslb.controlplane.fault.FaultBoundary;
import dev.xdslb.controlplane.fault.Faults;
import dev.xdslb.controlplane.topology.EndpointView;
import dev.xdslb.controlplane.topology.KubernetesClusterName;
import dev.xdslb.controlplane.topology.ServiceKey;
import dev.xdslb.controlplane.topology.ServicePolicy;
import dev.xdslb.controlplane.topology.ServicePort;
import dev.xdslb.controlplane.topology.ServiceView;
import dev.xdslb.controlplane.topology.ServiceView.PortView;
import dev.xdslb.controlplane.topology.TopologyListener.ServiceChange;
import dev.xdslb.controlplane.topology.ZoneKey;
import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** A type that nobody serves yet takes one object; and what that throws takes nothing from anybody. */
class ServiceResourcesTest {

    private static final ClientVariant GRPC = new ClientVariant(Family.GRPC, "");

    private final FaultBoundary boundary = new Faults().boundary("test");
    private final ServiceCatalog catalog = new ServiceCatalog(boundary);
    private final RevisedType revised = new RevisedType(catalog);

    @Test
    void anotherType_isOneObject() {
        serve(8080);

        assertThat(revised.lookup("orders.shop:8080", GRPC)).isInstanceOf(Lookup.Found.class);
        assertThat(revised.dependencyKey("orders.shop:8080", GRPC)).isEqualTo("orders.shop");
    }

    @Test
    void resourceThatCannotBeEncoded_isServedAsItLastWas_untilItCan() {
        serve(8080);
        EncodedResource good = found();

        revised.failure = new StackOverflowError();
        serve(8080);
        assertThat(found()).isSameAs(good);
        serve(8080); // a second state that cannot be encoded either
        assertThat(found()).isSameAs(good);
        assertThat(boundary.faults()).hasSize(1);

        revised.failure = null;
        revised.revision = "2";
        assertThat(found().version()).isNotEqualTo(good.version());
        assertThat(boundary.faults()).isEmpty();
    }

    @Test
    void resourceThatNeverCouldBeEncoded_isUnknown_notMissing() {
        revised.failure = new NoClassDefFoundError("some.Class");
        serve(8080);

        assertThat(revised.lookup("orders.shop:8080", GRPC)).isInstanceOf(Lookup.Unknown.class);
    }

    /** Which weights clients are told changes with every pod of theirs: what stands in may not be kept for each of them. */
    @Test
    void resourceThatCannotBeEncoded_isServedWithOtherWeights_ratherThanNotAtAll() {
        revised.audience = inZone("a", 9_000);
        serve(8080);
        EncodedResource good = found();

        revised.failure = new StackOverflowError();
        revised.audience = inZone("a", 8_000);
        serve(8080);

        assertThat(found()).isSameAs(good);
        revised.audience = inZone("b", 8_000);
        assertThat(revised.lookup("orders.shop:8080", GRPC)).isInstanceOf(Lookup.Unknown.class);
    }

    @Test
    void encodings_areBounded_howeverManyDivisionsAmongZonesThereAre() {
        serve(8080);
        revised.revision = "x".repeat(1 << 20);
        int fit = (int) (ServiceResources.MAX_BYTES >> 20) - 1;
        revised.audience = inZone("a", 1);
        EncodedResource first = found();
        revised.audience = inZone("a", 2);
        EncodedResource second = found();
        for (int weight = 3; weight <= fit; weight++) {
            revised.audience = inZone("a", weight);
            found();
        }
        revised.audience = inZone("a", 1);
        assertThat(found()).isSameAs(first);

        revised.audience = inZone("a", fit + 1);
        EncodedResource last = found();
        assertThat(found()).as("the one that was too much").isSameAs(last);
        revised.audience = inZone("a", 1);
        assertThat(found()).as("one that was asked for lately").isSameAs(first);
        revised.audience = inZone("a", 2);
        assertThat(found())
                .as("the one that was not, for the longest")
                .isNotSameAs(second)
                .isEqualTo(second);
    }

    /** With every roll-out of Nodes, the resources of those that are gone would be kept for ever. */
    @Test
    void resourceOfANodeThatIsGone_isForgotten_alsoForTimesThatNothingCanBeEncoded() {
        serveOnNodes("n1", "n2");
        revised.audience = onNode("n1");
        found();
        revised.audience = onNode("n2");
        EncodedResource staying = found();

        serveOnNodes("n2");
        serveOnNodes("n1", "n2");
        revised.failure = new StackOverflowError();

        assertThat(found()).isSameAs(staying);
        revised.audience = onNode("n1");
        assertThat(revised.lookup("orders.shop:8080", GRPC)).isInstanceOf(Lookup.Unknown.class);
    }

    @Test
    void whatStandsIn_isBoundedAsTheEncodingsAre_theLatestFirst() {
        revised.revision = "x".repeat(9 << 20);
        serve(8080);
        revised.audience = inZone("a", 1);
        found();
        serve(8080);
        revised.audience = inZone("b", 1);
        EncodedResource later = found();
        serve(8080);
        revised.failure = new StackOverflowError();

        assertThat(found()).isSameAs(later);
        revised.audience = inZone("a", 1);
        assertThat(revised.lookup("orders.shop:8080", GRPC)).isInstanceOf(Lookup.Unknown.class);
    }

    private static Audience onNode(String node) {
        return new Audience(Family.GRPC, new ClientPlace("", "", "default", node), Map.of());
    }

    private void serveOnNodes(String... nodes) {
        List<EndpointView> endpoints = Stream.of(nodes)
                .map(node -> new EndpointView(
                        new KubernetesClusterName("default"),
                        "10.0.0." + node.substring(1),
                        8080,
                        EndpointView.Health.READY,
                        "",
                        "",
                        node,
                        "",
                        "",
                        1,
                        "",
                        null,
                        Map.of()))
                .toList();
        ServiceKey key = new ServiceKey("shop", "orders");
        PortView port = new PortView(new ServicePort("http", 8080, false), endpoints);
        ServicePolicy policy = ServicePolicy.NONE.with(ServicePolicy.TrafficDistribution.SAME_NODE, false);
        catalog.apply(List.of(new ServiceChange(key, null, new ServiceView(key, "", List.of(port), policy))));
    }

    private static Audience inZone(String zone, int weight) {
        return new Audience(Family.GRPC, new ClientPlace("", zone), Map.of(new ZoneKey("", zone), weight));
    }

    @Test
    void twoWhoAskAtTheSameTime_getOneEncoding() throws Exception {
        serve(8080);
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch mayEnd = new CountDownLatch(1);
        AtomicInteger encodings = new AtomicInteger();
        revised.translating = () -> {
            encodings.incrementAndGet();
            begun.countDown();
            awaitUninterruptibly(mayEnd);
        };
        CompletableFuture<EncodedResource> first = new CompletableFuture<>();
        CompletableFuture<EncodedResource> second = new CompletableFuture<>();
        new Thread(() -> first.complete(found())).start();
        begun.await();
        Thread other = new Thread(() -> second.complete(found()));
        other.start();
        await().until(() -> other.getState() == Thread.State.BLOCKED || other.getState() == Thread.State.WAITING);
        mayEnd.countDown();

        assertThat(first.get()).isSameAs(second.get());
        assertThat(encodings).hasValue(1);
    }

    private EncodedResource found() {
        return ((Lookup.Found) revised.lookup("orders.shop:8080", GRPC)).resource();
    }

    private void serve(int port) {
        ServiceKey key = new ServiceKey("shop", "orders");
        ServiceView view =
                new ServiceView(key, "", List.of(new PortView(new ServicePort("http", port, false), List.of())));
        catalog.apply(List.of(new ServiceChange(key, null, view)));
    }

    private static final class RevisedType extends ServiceType {
        private @Nullable Error failure;
        private String revision = "1";
        private Audience audience = new Audience(Family.GRPC);
        private Runnable translating = () -> {};

        RevisedType(ServiceCatalog catalog) {
            super(
                    new ResourceType(
                            "ROUTE", "type.googleapis.com/envoy.config.route.v3.RouteConfiguration", false, null),
                    catalog);
        }

        @Override
        Message translate(String name, ServiceView service, PortView port, Audience audience) {
            translating.run();
            if (failure != null) {
                throw failure;
            }
            return RouteConfiguration.newBuilder()
                    .setName(name)
                    .addInternalOnlyHeaders(revision)
                    .build();
        }

        @Override
        Audience audience(ServiceResources service, PortView port, ClientVariant variant) {
            return audience;
        }

        @Override
        Predicate<ServiceChange> touches() {
            return ServiceCatalog::lists;
        }
    }
}
