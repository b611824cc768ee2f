/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.ads;

import static dev.xdslb.controlplane.ads.InMemoryResourceStore.CLUSTER;
import static dev.xdslb.controlplane.ads.InMemoryResourceStore.ENDPOINTS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.rpc.Status;
import io.envoyproxy.envoy.config.core.v3.Locality;
import io.envoyproxy.envoy.config.core.v3.Node;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryResponse;
import io.grpc.Status.Code;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

/** Clients that say too much, too little, or the same for ever: they are told so, and cost others nothing. */
@ExtendWith(OutputCaptureExtension.class)
class HostileClientTest {
    private static final String LONG = "a".repeat(ClientText.MAX_CHARS + 1);
    private static final int LARGEST_RESPONSE = AdsSettings.DEFAULT.maxPushBytes() + 4_096;

    private final AdsFixture ads = new AdsFixture();

    @AfterEach
    void stop() {
        ads.close();
    }

    static List<Node> nodesThatSayTooMuch() {
        Node node = AdsFixture.node("xds-lb");
        return List.of(
                node.toBuilder().setId(LONG).build(),
                node.toBuilder().setUserAgentName(LONG).build(),
                node.toBuilder()
                        .setLocality(Locality.newBuilder().setRegion("r").setZone(LONG))
                        .build());
    }

    @ParameterizedTest
    @MethodSource("nodesThatSayTooMuch")
    void fieldOfTheNodeThatIsTooLong_endsTheStream_andIsShownShortened(Node node) {
        DeltaClient client = ads.delta(node);
        client.subscribe(CLUSTER);

        io.grpc.Status end = client.awaitEnd();
        assertThat(end.getCode()).isEqualTo(Code.INVALID_ARGUMENT);
        assertThat(end.getDescription())
                .contains("node.", "1025 characters", "at most 1024")
                .hasSizeLessThan(400);
        assertThat(ads.streams.streamCount()).isZero();
    }

    @Test
    void nameOrVersionThatIsLongerThanAnyCanBe_endsTheStream_inBothProtocols_andIsKeptNowhere() {
        DeltaClient delta = ads.delta();
        delta.subscribe(ENDPOINTS, "a:1", LONG);
        SotwClient sotw = ads.sotw();
        sotw.send(DiscoveryRequest.newBuilder().setTypeUrl(ENDPOINTS.typeUrl()).addResourceNames(LONG));
        DeltaClient type = ads.delta();
        type.send(DeltaDiscoveryRequest.newBuilder().setTypeUrl(LONG));
        DeltaClient name = ads.delta();
        name.resume(ENDPOINTS, Map.of(LONG, "1"));
        DeltaClient version = ads.delta();
        version.resume(ENDPOINTS, Map.of("a:1", LONG));

        for (TestStream<?, ?> stream : List.of(delta, sotw, type, name, version)) {
            assertThat(stream.awaitEnd().getCode()).isEqualTo(Code.INVALID_ARGUMENT);
            assertThat(stream.awaitEnd().getDescription()).contains("1025 characters");
        }
    }

    @Test
    void bytesThatAreNoRequest_endTheStreamWithInvalidArgument() {
        TestStream<byte[], byte[]> stream = new TestStream<>(ads.channel(), RawBytes.DELTA_METHOD, true);

        stream.send("GET / HTTP/1.1".getBytes(StandardCharsets.US_ASCII));

        assertThat(stream.awaitEnd().getCode()).isEqualTo(Code.INVALID_ARGUMENT);
        assertThat(stream.awaitEnd().getDescription()).contains("cannot be decoded", "delta");
    }

    @Test
    void requestOfMoreNamesThanAStreamMayHave_endsTheStreamWithAReason_inBothProtocols() {
        List<String> names =
                IntStream.range(0, 100_001).mapToObj(Integer::toString).toList();
        DeltaClient delta = ads.delta();
        delta.subscribe(ENDPOINTS, names.toArray(String[]::new));
        SotwClient sotw = ads.sotw();
        sotw.send(DiscoveryRequest.newBuilder().setTypeUrl(ENDPOINTS.typeUrl()).addAllResourceNames(names));
        DeltaClient holding = ads.delta();
        DeltaDiscoveryRequest.Builder versions = DeltaClient.request(ENDPOINTS);
        names.forEach(name -> versions.putInitialResourceVersions(name, "1"));
        holding.send(versions);

        for (TestStream<?, ?> stream : List.of(delta, sotw, holding)) {
            assertThat(stream.awaitEnd().getCode()).isEqualTo(Code.RESOURCE_EXHAUSTED);
            assertThat(stream.awaitEnd().getDescription())
                    .isEqualTo("a request of 100001 names (expected: at most 100000)");
        }
        assertThat(ads.streams.index().size()).isZero();
    }

    @Test
    void namesOfAllTypesTogether_areBounded() {
        try (AdsFixture limited = new AdsFixture(AdsSettings.DEFAULT.withMaxNames(3))) {
            DeltaClient client = limited.delta();
            client.subscribe(CLUSTER, "a:1", "b:1");
            client.accept();
            client.subscribe(ENDPOINTS, "a:1", "b:1");

            assertThat(client.awaitEnd().getCode()).isEqualTo(Code.RESOURCE_EXHAUSTED);
            assertThat(client.awaitEnd().getDescription())
                    .isEqualTo("subscribed to 4 names, of all types together (expected: at most 3)");
            assertThat(limited.streams.index().size()).isZero();
        }
    }

    @Test
    void namesOfATypeThatIsNotServed_areFew() {
        DeltaClient client = ads.delta();
        for (int i = 0; i < Subscriptions.MAX_NAMES_NOT_SERVED; i += 500) {
            client.send(DeltaDiscoveryRequest.newBuilder()
                    .setTypeUrl("example.com/Secret")
                    .addAllResourceNamesSubscribe(names(i, i + 500)));
        }
        assertThat(client.next().getTypeUrl()).isEqualTo("example.com/Secret");
        client.send(DeltaDiscoveryRequest.newBuilder()
                .setTypeUrl("example.com/Secret")
                .addResourceNamesSubscribe("one more"));

        assertThat(client.awaitEnd().getCode()).isEqualTo(Code.RESOURCE_EXHAUSTED);
        assertThat(client.awaitEnd().getDescription())
                .contains("1001 names of the type example.com/Secret, which is not served", "at most 1000");
    }

    /** Each request is one that may be sent: without a bound on their sum, 100 MiB of names would stay. */
    @Test
    void charactersOfAStream_areBounded_andThoseOfNamesThatWereUnsubscribedDoNotCount() {
        String longText = "x".repeat(1_000);
        DeltaClient growing = ads.delta();
        DeltaClient changing = ads.delta();
        for (int i = 0; i < 17; i++) {
            String[] names = names(1_000 * i, 1_000 * i + 1_000).stream()
                    .map(name -> name + longText)
                    .toArray(String[]::new);
            growing.subscribe(ENDPOINTS, names);
            changing.subscribe(ENDPOINTS, names);
            changing.unsubscribe(ENDPOINTS, names);
        }

        assertThat(growing.awaitEnd().getCode()).isEqualTo(Code.RESOURCE_EXHAUSTED);
        assertThat(growing.awaitEnd().getDescription()).contains("characters together", "at most 16777216");
        await().until(() -> ads.stream().types().get(0).counts().requests() == 34);
        assertThat(changing.hasEnded()).isFalse();
    }

    @Test
    void versionsThatAClientHolds_countAsCharacters() {
        String longText = "x".repeat(990);
        Map<String, String> held = new HashMap<>();
        names(0, 8_300).forEach(name -> held.put(name + longText, longText + "0123456789"));
        DeltaClient client = ads.delta();
        client.send(DeltaClient.request(CLUSTER).addResourceNamesSubscribe("*").putAllInitialResourceVersions(held));
        client.next(); // some are told that they are gone: forgotten
        assertThat(client.hasEnded()).isFalse();

        client.subscribe(
                ENDPOINTS, names(0, 3_000).stream().map(name -> name + longText).toArray(String[]::new));
        assertThat(client.awaitEnd().getDescription()).contains("characters together");
    }

    @Test
    void namesOfAllStreamsTogether_areBounded_andTheStreamWithMostOfThemEnds_andNoOther(CapturedOutput output) {
        try (AdsFixture limited =
                new AdsFixture(AdsSettings.DEFAULT.withTotals(new AdsSettings.Totals(Long.MAX_VALUE, 1_000_000)))) {
            DeltaClient few = limited.delta();
            few.subscribe(ENDPOINTS, limited.marker());
            few.accept();
            DeltaClient many = limited.delta();
            many.subscribe(ENDPOINTS, names(0, 1_000).toArray(String[]::new));
            many.accept();
            DeltaClient more = limited.delta();
            more.subscribe(ENDPOINTS, names(1_000, 2_500).toArray(String[]::new));
            more.accept();

            await().until(() -> {
                limited.pass(Duration.ZERO);
                return more.hasEnded();
            });
            assertThat(more.awaitEnd().getCode()).isEqualTo(Code.RESOURCE_EXHAUSTED);
            assertThat(more.awaitEnd().getDescription())
                    .contains("names of all clients take", "at most 1000000", "a large part");
            assertThat(output).contains("1 streams with a large part in it are ended");
            many.expectNothingSent();
            few.expectNothingSent();
            many.cancel();
            few.cancel();
            await().untilAsserted(() ->
                    assertThat(limited.streams.shedding().names.held()).isZero());
        }
    }

    private static List<String> names(int from, int to) {
        return IntStream.range(from, to).mapToObj(i -> "name-" + i).toList();
    }

    @Test
    void streamWithoutARequest_isClosedAfterTenSeconds_andOneWithARequestIsNot() {
        DeltaClient silent = ads.delta();
        DeltaClient quiet = ads.delta();
        quiet.subscribe(ENDPOINTS, ads.marker());
        quiet.accept();

        ads.advance(Duration.ofSeconds(9));
        assertThat(silent.hasEnded()).isFalse();
        ads.advance(Duration.ofSeconds(1));

        assertThat(silent.awaitEnd().getCode()).isEqualTo(Code.DEADLINE_EXCEEDED);
        assertThat(silent.awaitEnd().getDescription()).contains("no request within 10 s");
        quiet.expectNothingSent();
    }

    /** Errors and removals are part of a response: a client's limit is 4 MiB by default. */
    @Test
    void namesThatDoNotExist_areToldInResponsesOfLimitedSize_inBothProtocols() {
        List<String> names = IntStream.range(0, 20_000)
                .mapToObj(i -> "service-that-does-not-exist-" + i + ".shop:80")
                .toList();
        DeltaClient delta = ads.delta();
        delta.subscribe(ENDPOINTS, names.toArray(String[]::new));
        Set<String> gone = new HashSet<>();
        while (gone.size() < names.size()) {
            DeltaDiscoveryResponse response = delta.accept();
            assertThat(response.getSerializedSize()).isLessThan(LARGEST_RESPONSE);
            assertThat(response.getResourceErrorsCount()).isPositive();
            gone.addAll(response.getRemovedResourcesList());
        }
        SotwClient sotw = ads.sotw();
        sotw.send(DiscoveryRequest.newBuilder().setTypeUrl(ENDPOINTS.typeUrl()).addAllResourceNames(names));
        int told = 0;
        while (told < names.size()) {
            DiscoveryResponse response = sotw.next();
            assertThat(response.getSerializedSize()).isLessThan(LARGEST_RESPONSE);
            told += response.getResourceErrorsCount();
            sotw.send(DiscoveryRequest.newBuilder()
                    .setTypeUrl(ENDPOINTS.typeUrl())
                    .addAllResourceNames(names)
                    .setResponseNonce(response.getNonce())
                    .setVersionInfo(response.getVersionInfo()));
        }
        assertThat(told).isEqualTo(names.size());
    }

    @Test
    void sameRefusalOverAndOver_isCounted_andNothingElse() {
        DeltaClient client = ads.delta();
        client.subscribe(ENDPOINTS, ads.marker());
        DeltaDiscoveryResponse response = client.next();
        for (int i = 0; i < 900; i++) {
            client.send(DeltaDiscoveryRequest.newBuilder()
                    .setTypeUrl(response.getTypeUrl())
                    .setResponseNonce(response.getNonce())
                    .setErrorDetail(Status.newBuilder().setCode(3).setMessage("refusal " + i + "\n2026 ERROR forged")));
        }

        client.expectNothingSent();
        StreamView.TypeView view = ads.stream().types().get(0);
        assertThat(view.counts().nacks()).isEqualTo(900);
        assertThat(view.lastNack()).isNotNull();
        assertThat(view.lastNack().message()).isEqualTo("refusal 0\\u000a2026 ERROR forged");
    }

    @Test
    void clientThatRefusesEverythingForAnotherReason_fillsNoLog(CapturedOutput output) {
        DeltaClient client = ads.delta();
        ads.store.putEndpoints("a:1", 1);
        client.subscribe(ENDPOINTS, "a:1");
        for (int i = 0; i < 100; i++) {
            client.nack(client.next(), "reason " + i);
            ads.store.putEndpoints("a:1", i + 2);
        }

        client.next();
        assertThat(ads.stream().types().get(0).counts().nacks()).isEqualTo(100);
        assertThat(output.getAll().lines().filter(line -> line.contains("reason ")))
                .hasSize(5);
    }

    @Test
    void textOfAClient_isShownInOneLine_shortened() {
        assertThat(ClientText.shown("web-1")).isEqualTo("web-1");
        assertThat(ClientText.shown("a\r\nb\u2028c")).isEqualTo("a\\u000d\\u000ab\\u2028c");
        assertThat(ClientText.shown("x".repeat(300))).startsWith("xxx").endsWith("x… (100 more characters)");
    }
}
