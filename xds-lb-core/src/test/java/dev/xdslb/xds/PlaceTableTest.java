/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.xds;

import static dev.xdslb.xds.Answers.place;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.rpc.Status;
import io.grpc.Status.Code;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** By which name the place is asked for, and whose answer counts. */
class PlaceTableTest {
    private static final String POD = "pod/shop/orders-5d9f";
    private static final String ADDRESS = "ip/10.0.0.1";

    private final PlaceNews place = new PlaceNews();

    @Test
    void podThatIsKnown_isAskedForByName() {
        PlaceTable table = table(ClientHarness.NODE);
        table.reachedFrom(at("10.0.0.1"));

        assertThat(table.takeNames()).containsExactly(POD);
    }

    @Test
    void podThatIsNotKnown_isAskedForByItsAddress_onceThatIsKnown() {
        PlaceTable table = table(nameless());
        assertThat(table.takeNames()).isEmpty();

        table.reachedFrom(at("10.0.0.1"));

        assertThat(table.takeNames()).containsExactly(ADDRESS);
        table.offer(place(ADDRESS, "v1", "west-1"));
        assertThat(place.news).containsExactly("west/west-1 []");
    }

    @Test
    void hostNameThatIsNoPod_isHelpedOutByTheAddress_untilThePodIsKnown() {
        PlaceTable table = table(ClientHarness.NODE);
        table.reachedFrom(at("10.0.0.1"));
        table.removed(POD, notFound("no Pod"));
        assertThat(table.takeNames()).containsExactly(ADDRESS, POD);
        assertThat(place.news).as("the address may know").isEmpty();

        table.offer(place(ADDRESS, "v1", "west-1"));
        table.offer(place(POD, "v1", "west-2"));

        assertThat(place.news).containsExactly("west/west-1 []", "west/west-2 []");
        assertThat(table.takeNames()).containsExactly(POD);
    }

    @Test
    void neitherNameNorAddressIsKnownThere_tellsBothReasons() {
        PlaceTable table = table(ClientHarness.NODE);
        table.reachedFrom(at("10.0.0.1"));
        table.removed(POD, notFound("no Pod"));
        table.removed(ADDRESS, notFound("nobody there"));

        assertThat(place.news).containsExactly("unknown: control plane cp says: no Pod; nobody there");
    }

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1", "::1", "0.0.0.0", "169.254.1.1", "fe80::1"})
    void addressThatEveryMachineHas_isNotAskedFor(String address) {
        PlaceTable table = table(nameless());
        table.reachedFrom(at(address));

        assertThat(table.takeNames()).isEmpty();
        assertThat(place.news).singleElement().asString().contains("POD_NAME", "POD_NAMESPACE");
    }

    @Test
    void whoAsksLate_learnsWhatWasKnownBefore() {
        PlaceTable table = new PlaceTable("control plane cp", nameless(), Duration.ofSeconds(15), executor());
        table.reachedFrom(null);

        table.watch(place);

        assertThat(place.news).hasSize(1);
    }

    @Test
    void podWithoutItsNamespace_isNoName() {
        PlaceTable table = table(new XdsNode("x~1", "orders", "", "orders-5d9f", ""));
        table.reachedFrom(at("fd00::1"));

        assertThat(table.takeNames()).containsExactly("ip/fd00:0:0:0:0:0:0:1");
    }

    @Test
    void podInAnotherNamespaceThanItsServices_isAskedForWhereItIs() {
        PlaceTable table = table(ClientHarness.NODE.inPodNamespace("checkout"));

        assertThat(table.takeNames()).containsExactly("pod/checkout/orders-5d9f");
        assertThat(ClientHarness.NODE.inPodNamespace("")).isEqualTo(ClientHarness.NODE);
    }

    private PlaceTable table(XdsNode node) {
        PlaceTable table = new PlaceTable("control plane cp", node, Duration.ofSeconds(15), executor());
        table.watch(place);
        return table;
    }

    private static SerialExecutor executor() {
        return new SerialExecutor(new ManualExecutor());
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

    private static Status notFound(String message) {
        return Status.newBuilder()
                .setCode(Code.NOT_FOUND.value())
                .setMessage(message)
                .build();
    }
}
