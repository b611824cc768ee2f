/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.xds;

import static dev.xdslb.xds.Answers.place;
import static org.assertj.core.api.Assertions.assertThat;

import dev.xdslb.cluster.EndpointSource.Place;
import dev.xdslb.cluster.FaultBoundary;
import dev.xdslb.cluster.Faults;
import dev.xdslb.xds.proto.DeltaDiscoveryResponse;
import dev.xdslb.xds.proto.Resource;
import io.grpc.Status.Code;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** By which name the place is asked for, and whose answer counts. */
class PlaceTableTest {
    private static final String POD = "pod/shop/orders-5d9f";
    private static final String ADDRESS = "ip/10.0.0.1";

    private final PlaceNews place = new PlaceNews();
    private final ManualExecutor executor = new ManualExecutor();
    private final FaultBoundary boundary = new Faults().boundary("it", "nothing");
    private final ResourceTable<Place> resources = new ResourceTable<>(
            new PlaceDecoder(),
            "control plane cp",
            Duration.ofSeconds(15),
            new SerialExecutor(executor, boundary),
            executor.clock(),
            boundary,
            () -> {});

    @Test
    void podThatIsKnown_isAskedForByName() {
        PlaceTable table = table(ClientHarness.NODE);
        table.reachedFrom(at("10.0.0.1"));

        assertThat(names()).containsExactly(POD);
    }

    @Test
    void podThatIsNotKnown_isAskedForByItsAddress_onceThatIsKnown() {
        PlaceTable table = table(nameless());
        assertThat(names()).isEmpty();

        table.reachedFrom(at("10.0.0.1"));

        assertThat(names()).containsExactly(ADDRESS);
        offer(place(ADDRESS, "v1", "west-1"));
        assertThat(place.news).containsExactly("west/west-1 []");
    }

    @Test
    void hostNameThatIsNoPod_isHelpedOutByTheAddress_untilThePodIsKnown() {
        PlaceTable table = table(ClientHarness.NODE);
        table.reachedFrom(at("10.0.0.1"));
        removed(POD, "no Pod");
        assertThat(names()).containsExactly(ADDRESS, POD);
        assertThat(place.news).as("the address may know").isEmpty();

        offer(place(ADDRESS, "v1", "west-1"));
        offer(place(POD, "v1", "west-2"));

        assertThat(place.news).containsExactly("west/west-1 []", "west/west-2 []");
        assertThat(names()).containsExactly(POD);
    }

    @Test
    void neitherNameNorAddressIsKnownThere_tellsBothReasons() {
        PlaceTable table = table(ClientHarness.NODE);
        table.reachedFrom(at("10.0.0.1"));
        removed(POD, "no Pod");
        removed(ADDRESS, "nobody there");

        assertThat(place.news)
                .containsExactly("unknown: control plane cp says: no Pod; control plane cp says: nobody there");
    }

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1", "::1", "0.0.0.0", "169.254.1.1", "fe80::1"})
    void addressThatEveryMachineHas_isNotAskedFor(String address) {
        PlaceTable table = table(nameless());
        table.reachedFrom(at(address));

        assertThat(names()).isEmpty();
        assertThat(place.news).singleElement().asString().contains("POD_NAME", "POD_NAMESPACE");
    }

    @Test
    void whoAsksLate_learnsWhatWasKnownBefore() {
        PlaceTable table = new PlaceTable(resources, nameless(), boundary);
        table.reachedFrom(null);

        table.watch(place);

        assertThat(place.news).hasSize(1);
    }

    @Test
    void podWithoutItsNamespace_isNoName() {
        PlaceTable table = table(new XdsNode("x~1", "orders", "", "orders-5d9f", ""));
        table.reachedFrom(at("fd00::1"));

        assertThat(names()).containsExactly("ip/fd00:0:0:0:0:0:0:1");
    }

    @Test
    void podInAnotherNamespaceThanItsServices_isAskedForWhereItIs() {
        table(ClientHarness.NODE.inPodNamespace("checkout"));

        assertThat(names()).containsExactly("pod/checkout/orders-5d9f");
        assertThat(ClientHarness.NODE.inPodNamespace("")).isEqualTo(ClientHarness.NODE);
    }

    private PlaceTable table(XdsNode node) {
        PlaceTable table = new PlaceTable(resources, node, boundary);
        table.watch(place);
        return table;
    }

    private Set<String> names() {
        return resources.takeNames(false, Set.of());
    }

    private void offer(Resource resource) {
        take(Answers.placeDelta("n").addResources(resource));
    }

    private void removed(String name, String message) {
        take(Answers.placeDelta("n")
                .addRemovedResources(name)
                .addResourceErrors(Answers.error(name, Code.NOT_FOUND, message)));
    }

    private void take(DeltaDiscoveryResponse.Builder answer) {
        assertThat(resources.take(DeltaStream.read(answer.build()))).isEmpty();
    }

    private static XdsNode nameless() {
        return new XdsNode("x~1", "orders", "shop", "", "");
    }

    private static SocketAddress at(String address) {
        try {
            return new InetSocketAddress(InetAddress.getByName(address), 50_000);
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException(e);
        }
    }
}
