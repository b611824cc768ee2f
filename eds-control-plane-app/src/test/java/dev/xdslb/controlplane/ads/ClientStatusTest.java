/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.ads;

import static dev.xdslb.controlplane.ads.InMemoryResourceStore.CLUSTER;
import static dev.xdslb.controlplane.ads.InMemoryResourceStore.ENDPOINTS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.Struct;
import com.google.protobuf.Timestamp;
import com.google.protobuf.Value;
import io.envoyproxy.envoy.admin.v3.ClientResourceStatus;
import io.envoyproxy.envoy.config.core.v3.Node;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.envoyproxy.envoy.service.status.v3.ClientConfig;
import io.envoyproxy.envoy.service.status.v3.ClientConfig.GenericXdsConfig;
import io.envoyproxy.envoy.service.status.v3.ClientStatusDiscoveryServiceGrpc;
import io.envoyproxy.envoy.service.status.v3.ClientStatusRequest;
import io.envoyproxy.envoy.service.status.v3.ClientStatusResponse;
import io.envoyproxy.envoy.service.status.v3.ConfigStatus;
import io.envoyproxy.envoy.type.matcher.v3.NodeMatcher;
import io.envoyproxy.envoy.type.matcher.v3.RegexMatcher;
import io.envoyproxy.envoy.type.matcher.v3.StringMatcher;
import io.envoyproxy.envoy.type.matcher.v3.StructMatcher;
import io.envoyproxy.envoy.type.matcher.v3.ValueMatcher;
import io.grpc.Status;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a plain client of the client status discovery service is told of others. */
class ClientStatusTest {
    private AdsFixture ads;

    @BeforeEach
    void start() {
        ads = new AdsFixture(AdsSettings.DEFAULT.withRates(0, 0));
        ads.store.putCluster("a:1", 1);
        ads.store.putEndpoints("a:1", 1);
    }

    @AfterEach
    void stop() {
        ads.close();
    }

    @Test
    void resources_areTold_withHowTheClientAnsweredEach() {
        ads.store.setUnknown("later:1");
        DeltaClient client = ads.delta();
        client.subscribe(CLUSTER, "a:1");
        DeltaDiscoveryResponse refused = client.next();
        ads.nanos.addAndGet(Duration.ofMillis(1_500).toNanos());
        client.nack(refused, "bad cluster");
        client.subscribe(ENDPOINTS, "a:1", "missing:1", "later:1");
        client.accept();
        await().until(() -> ads.stream().types().stream()
                .allMatch(
                        type -> type.unansweredNonce() == null && type.counts().responses() == 1));

        ClientConfig config = fetch(all()).getConfig(0);

        assertThat(config.getNode().getId()).isEqualTo("client-1");
        assertThat(config.getNode().getUserAgentName()).isEqualTo("xds-lb");
        assertThat(config.getNode().getMetadata().getFieldsOrThrow("namespace").getStringValue())
                .isEqualTo("shop");
        Map<String, GenericXdsConfig> endpoints = byName(config, ENDPOINTS);
        assertThat(endpoints).containsOnlyKeys("a:1", "missing:1", "later:1");
        assertStatus(endpoints.get("a:1"), ClientResourceStatus.ACKED, ConfigStatus.SYNCED);
        assertThat(endpoints.get("a:1").getVersionInfo()).isEqualTo(ads.store.version(ENDPOINTS, "a:1"));
        assertStatus(endpoints.get("missing:1"), ClientResourceStatus.DOES_NOT_EXIST, ConfigStatus.SYNCED);
        assertStatus(endpoints.get("later:1"), ClientResourceStatus.REQUESTED, ConfigStatus.NOT_SENT);
        GenericXdsConfig cluster = byName(config, CLUSTER).get("a:1");
        assertStatus(cluster, ClientResourceStatus.NACKED, ConfigStatus.ERROR);
        assertThat(cluster.getErrorState().getDetails()).isEqualTo("bad cluster");
        assertThat(cluster.getErrorState().getVersionInfo()).isEqualTo(ads.store.version(CLUSTER, "a:1"));
        assertThat(cluster.getErrorState().getLastUpdateAttempt())
                .isEqualTo(Timestamp.newBuilder()
                        .setSeconds(AdsFixture.NOW.getEpochSecond() + 1)
                        .setNanos(500_000_000)
                        .build());
    }

    @Test
    void responseThatIsNotAnswered_isStale_andARefusalIsForgottenWithTheNextContent() {
        SotwClient client = ads.sotw();
        client.subscribe(ENDPOINTS, "a:1");
        client.nack(client.next(), "no");
        await().until(() ->
                byName(fetch(all()).getConfig(0), ENDPOINTS).get("a:1").getClientStatus()
                        == ClientResourceStatus.NACKED);

        ads.store.putEndpoints("a:1", 2);
        io.envoyproxy.envoy.service.discovery.v3.DiscoveryResponse response = client.next();
        assertStatus(
                byName(fetch(all()).getConfig(0), ENDPOINTS).get("a:1"),
                ClientResourceStatus.REQUESTED,
                ConfigStatus.STALE);

        client.ack(response);
        await().untilAsserted(() -> assertStatus(
                byName(fetch(all()).getConfig(0), ENDPOINTS).get("a:1"),
                ClientResourceStatus.ACKED,
                ConfigStatus.SYNCED));
    }

    @Test
    void nodeMatchers_areObeyed_anyOfThem() {
        for (String id : List.of("shop/orders-1", "shop/orders-2", "bank/Loans-1")) {
            connect(id, "a:1");
        }
        connectSilently();

        assertThat(ids(all())).containsExactly("shop/orders-1", "shop/orders-2", "bank/Loans-1");
        assertThat(ids(matching(StringMatcher.newBuilder().setExact("shop/orders-2"))))
                .containsExactly("shop/orders-2");
        assertThat(ids(matching(StringMatcher.newBuilder().setPrefix("shop/")))).hasSize(2);
        assertThat(ids(matching(StringMatcher.newBuilder().setSuffix("-1")))).hasSize(2);
        assertThat(ids(matching(StringMatcher.newBuilder().setContains("loans"))))
                .isEmpty();
        assertThat(ids(matching(StringMatcher.newBuilder().setContains("loans").setIgnoreCase(true))))
                .containsExactly("bank/Loans-1");
        assertThat(ids(matching(
                        StringMatcher.newBuilder().setExact("shop/orders-2"),
                        StringMatcher.newBuilder().setPrefix("bank"))))
                .containsExactly("shop/orders-2", "bank/Loans-1");
        assertThat(ids(matching(StringMatcher.newBuilder().setExact("nobody")))).isEmpty();
    }

    @Test
    void matcherThatCannotBeObeyed_isInvalid_andWhatCanBeIsSaid() {
        assertInvalid(matching(regex("(a")), "node_id.safe_regex is no regular expression of RE2");
        assertInvalid(matching(regex("(?:a{1000}){1000}")), "no {)");
        assertInvalid(matching(regex("a".repeat(300))), "safe_regex of 300 characters (expected: at most 256");
        assertInvalid(matching(StringMatcher.newBuilder()), "without a pattern");
        assertInvalid(
                metadata("labels", exact("x")), "node_metadatas.path \"labels\" (expected: namespace, pod or gateway");
        assertInvalid(
                metadata("pod", ValueMatcher.newBuilder().setBoolMatch(true)),
                "bool_match (expected: string_match or present_match)");
    }

    @Test
    void expressionOfRe2_isObeyed_overTheWholeId() {
        for (String id : List.of("shop/orders-1", "shop/orders-2", "bank/loans-1")) {
            connect(id, "a:1");
        }

        assertThat(ids(matching(regex("shop/.*-[12]")))).containsExactly("shop/orders-1", "shop/orders-2");
        assertThat(ids(matching(regex("orders")))).as("not a part").isEmpty();
        assertThat(ids(matching(regex("(?i)BANK/.+")))).containsExactly("bank/loans-1");
        assertThat(ids(matching(regex("(a+)+$")))).isEmpty();
    }

    @Test
    void metadataThatIsKept_isObeyed_allOfAMatcher() {
        connect("one", "a:1");
        ads.delta(AdsFixture.node("xds-lb").toBuilder()
                        .setId("two")
                        .setMetadata(Struct.newBuilder()
                                .putFields("namespace", text("shop"))
                                .putFields("pod", text("orders-1")))
                        .build())
                .subscribe(ENDPOINTS, "a:1");
        await().until(() -> ads.streams.page(null, 0, 10).streams().stream().allMatch(stream -> stream.node() != null));

        assertThat(ids(metadata("namespace", exact("shop")))).containsExactlyInAnyOrder("one", "two");
        assertThat(ids(metadata("namespace", exact("bank")))).isEmpty();
        assertThat(ids(metadata("pod", exact("orders-1")))).containsExactly("two");
        assertThat(ids(metadata("pod", ValueMatcher.newBuilder().setPresentMatch(true))))
                .containsExactly("two");
        assertThat(ids(metadata("pod", ValueMatcher.newBuilder().setPresentMatch(false))))
                .containsExactly("one");
        assertThat(ids(ClientStatusRequest.newBuilder()
                        .addNodeMatchers(metadata("namespace", exact("shop")).getNodeMatchers(0).toBuilder()
                                .setNodeId(StringMatcher.newBuilder().setExact("one")))
                        .build()))
                .containsExactly("one");
    }

    private static Value text(String text) {
        return Value.newBuilder().setStringValue(text).build();
    }

    private static StringMatcher.Builder regex(String expression) {
        return StringMatcher.newBuilder().setSafeRegex(RegexMatcher.newBuilder().setRegex(expression));
    }

    private static ValueMatcher.Builder exact(String text) {
        return ValueMatcher.newBuilder()
                .setStringMatch(StringMatcher.newBuilder().setExact(text));
    }

    private static ClientStatusRequest metadata(String key, ValueMatcher.Builder value) {
        return ClientStatusRequest.newBuilder()
                .addNodeMatchers(NodeMatcher.newBuilder()
                        .addNodeMetadatas(StructMatcher.newBuilder()
                                .addPath(StructMatcher.PathSegment.newBuilder().setKey(key))
                                .setValue(value)))
                .build();
    }

    @Test
    void stream_answersEachRequest_alsoWhereNobodyMatches() {
        connect("shop/orders-1", "a:1");
        connect("shop/orders-2", "a:1");
        TestStream<ClientStatusRequest, ClientStatusResponse> stream = stream();
        stream.send(all());
        assertThat(stream.next().getConfig(0).getNode().getId()).isEqualTo("shop/orders-1");
        assertThat(stream.next().getConfig(0).getNode().getId()).isEqualTo("shop/orders-2");

        stream.send(matching(StringMatcher.newBuilder().setExact("nobody")));
        assertThat(stream.next().getConfigCount()).isZero();
        stream.halfClose();
        assertThat(stream.awaitEnd().isOk()).isTrue();
    }

    /** 30,000 names are about four megabytes, which many tools do not take in one message. */
    @Test
    void answerThatIsTooLargeForOneMessage_isRefusedWithAReason_andStreamedInParts() {
        String[] names = IntStream.range(0, 30_000)
                .mapToObj("a-service-with-a-name-%05d.some-namespace:8080"::formatted)
                .toArray(String[]::new);
        connect("large", names);
        connect("small", "a:1");

        TestStream<ClientStatusRequest, ClientStatusResponse> unary = unary(all());
        assertThat(unary.awaitEnd().getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
        assertThat(unary.awaitEnd().getDescription()).contains("3145728 bytes", "node_matchers", "StreamClientStatus");
        assertThat(ids(matching(StringMatcher.newBuilder().setExact("small")))).containsExactly("small");

        TestStream<ClientStatusRequest, ClientStatusResponse> stream = stream();
        stream.send(all());
        int told = 0;
        while (told < names.length) {
            ClientStatusResponse part = stream.next();
            assertThat(part.getSerializedSize()).isLessThan(ClientStatus.MAX_PART_BYTES + 4_096);
            assertThat(part.getConfig(0).getNode().getId()).isEqualTo("large");
            told += part.getConfig(0).getGenericXdsConfigsCount();
        }
        assertThat(stream.next().getConfig(0).getNode().getId()).isEqualTo("small");
    }

    @Test
    void moreQuestionsThanWait_areRefused_andTheOthersAnswered() {
        connect("shop/orders-1", "a:1");
        List<TestStream<ClientStatusRequest, ClientStatusResponse>> calls = new ArrayList<>();
        ads.holdStatus();
        for (int i = 0; i < AdsFixture.STATUS_WAITING + 2; i++) {
            calls.add(unary(all()));
        }
        assertThat(calls.get(calls.size() - 1).awaitEnd().getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
        assertThat(calls.get(calls.size() - 1).awaitEnd().getDescription()).contains("try again");
        ads.releaseStatus();

        assertThat(calls.get(0).next().getConfigCount()).isEqualTo(1);
    }

    private void connect(String id, String... names) {
        DeltaClient client =
                ads.delta(AdsFixture.node("xds-lb").toBuilder().setId(id).build());
        client.subscribe(ENDPOINTS, names);
        client.next();
    }

    private void connectSilently() {
        ads.delta(Node.getDefaultInstance());
    }

    private void assertInvalid(ClientStatusRequest request, String why) {
        Status end = unary(request).awaitEnd();
        assertThat(end.getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
        assertThat(end.getDescription()).contains("node_matchers: ", why);
    }

    private static void assertStatus(GenericXdsConfig config, ClientResourceStatus client, ConfigStatus server) {
        assertThat(config.getClientStatus()).isEqualTo(client);
        assertThat(config.getConfigStatus()).isEqualTo(server);
    }

    private static Map<String, GenericXdsConfig> byName(ClientConfig config, ResourceType type) {
        return config.getGenericXdsConfigsList().stream()
                .filter(resource -> resource.getTypeUrl().equals(type.typeUrl()))
                .collect(Collectors.toMap(GenericXdsConfig::getName, Function.identity()));
    }

    private List<String> ids(ClientStatusRequest request) {
        return fetch(request).getConfigList().stream()
                .map(config -> config.getNode().getId())
                .toList();
    }

    private ClientStatusResponse fetch(ClientStatusRequest request) {
        return unary(request).next();
    }

    private TestStream<ClientStatusRequest, ClientStatusResponse> unary(ClientStatusRequest request) {
        TestStream<ClientStatusRequest, ClientStatusResponse> call =
                new TestStream<>(ads.channel(), ClientStatusDiscoveryServiceGrpc.getFetchClientStatusMethod(), true);
        call.send(request);
        call.halfClose();
        return call;
    }

    private TestStream<ClientStatusRequest, ClientStatusResponse> stream() {
        return new TestStream<>(ads.channel(), ClientStatusDiscoveryServiceGrpc.getStreamClientStatusMethod(), true);
    }

    private static ClientStatusRequest all() {
        return ClientStatusRequest.getDefaultInstance();
    }

    private static ClientStatusRequest matching(StringMatcher.Builder... ids) {
        ClientStatusRequest.Builder request = ClientStatusRequest.newBuilder();
        for (StringMatcher.Builder id : ids) {
            request.addNodeMatchers(NodeMatcher.newBuilder().setNodeId(id));
        }
        return request.build();
    }
}
