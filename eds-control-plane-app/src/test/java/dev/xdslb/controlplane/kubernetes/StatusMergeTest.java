/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.xdslb.controlplane.gateway.GatewayObject.RouteKind;
import dev.xdslb.controlplane.gateway.ObjectReference;
import dev.xdslb.controlplane.gateway.ObjectStatus;
import dev.xdslb.controlplane.gateway.RouteObject.ParentReference;
import dev.xdslb.controlplane.topology.ObjectId;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class StatusMergeTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Instant NOW = Instant.parse("2026-01-02T03:04:05.678Z");
    private static final ObjectId ROUTE = new ObjectId(ObjectId.Kind.HTTP_ROUTE, "shop", "orders");
    private static final ObjectId GATEWAY = new ObjectId(ObjectId.Kind.GATEWAY, "shop", "ingress");

    @Test
    void statusThatSaysNothing_getsWhatIsToBeSaid() throws Exception {
        ObjectNode next = merged("{}", route(1, true, "ingress"));

        assertThat(next).hasToString(tree("""
                {"parents":[{"parentRef":{"group":"gateway.networking.k8s.io","kind":"Gateway","name":"ingress"},
                "controllerName":"xdslb.dev/gateway-controller","conditions":[{"type":"Accepted","status":"True",
                "reason":"Accepted","message":"","observedGeneration":1,
                "lastTransitionTime":"2026-01-02T03:04:05Z"}]}]}""").toString());
    }

    @Test
    void whatIsSaidAlready_isNotWritten_alsoWhereEmptyFieldsAreLeftOut() throws Exception {
        ObjectNode first = merged("{}", route(1, true, "ingress"));
        String shown = first.toString().replace("\"message\":\"\",", "");

        assertThat(merged(shown, route(1, true, "ingress"))).isNull();
    }

    @Test
    void conditionWhoseStatusStays_keepsItsTime_andOneThatTurnsDoesNot() throws Exception {
        String shown = merged("{}", route(1, true, "ingress"))
                .toString()
                .replace("2026-01-02T03:04:05Z", "2020-01-01T00:00:00Z");

        JsonNode newer = merged(shown, route(2, true, "ingress"));
        JsonNode turned = merged(shown, route(2, false, "ingress"));

        assertThat(condition(newer).path("lastTransitionTime").asText()).isEqualTo("2020-01-01T00:00:00Z");
        assertThat(condition(newer).path("observedGeneration").asInt()).isEqualTo(2);
        assertThat(condition(turned).path("lastTransitionTime").asText()).isEqualTo("2026-01-02T03:04:05Z");
    }

    @Test
    void parentsOfOthers_stay_inTheirPlaces() throws Exception {
        String shown = """
                {"parents":[
                {"parentRef":{"group":"gateway.networking.k8s.io","kind":"Gateway","name":"old"},
                 "controllerName":"xdslb.dev/gateway-controller","conditions":[]},
                {"parentRef":{"name":"theirs"},"controllerName":"example.com/other","conditions":[{"type":"X"}]}]}""";

        JsonNode parents = merged(shown, route(1, true, "ingress")).path("parents");

        assertThat(parents).hasSize(2);
        assertThat(parents.get(0)).isEqualTo(tree(shown).path("parents").get(1));
        assertThat(parents.get(1).at("/parentRef/name").asText()).isEqualTo("ingress");
        String merged = "{\"parents\":" + parents + "}";
        assertThat(merged(merged, route(1, true, "ingress"))).isNull();
    }

    @Test
    void routeWithoutAParentOfOurs_losesOurEntry_alone() throws Exception {
        String ours = merged("{}", route(1, true, "ingress")).toString();
        assertThat(merged(ours, new ObjectStatus.OfRoute(ROUTE, 1, List.of())).path("parents"))
                .isEmpty();
        assertThat(merged(
                        "{\"parents\":[{\"controllerName\":\"example.com/other\"}]}",
                        new ObjectStatus.OfRoute(ROUTE, 1, List.of())))
                .isNull();
    }

    @Test
    void conditionsOfUnknownTypes_stay_andListenersThatAreGone_go() throws Exception {
        ObjectStatus.Condition programmed = new ObjectStatus.Condition("Programmed", true, "Programmed", "");
        ObjectStatus said = new ObjectStatus.OfGateway(
                GATEWAY,
                3,
                List.of(programmed),
                List.of(new ObjectStatus.OfListener(
                        "http",
                        List.of(new RouteKind("gateway.networking.k8s.io", "HTTPRoute")),
                        2,
                        List.of(programmed))));
        String shown = """
                {"addresses":[{"type":"IPAddress","value":"192.0.2.1"}],
                 "conditions":[{"type":"example.com/Checked","status":"True"},
                  {"type":"Programmed","status":"Unknown","reason":"Pending","message":"Waiting for controller",
                   "lastTransitionTime":"1970-01-01T00:00:00Z"}],
                 "listeners":[{"name":"gone","attachedRoutes":1,"supportedKinds":[],"conditions":[]}]}""";

        ObjectNode next = merged(shown, said);

        assertThat(next.path("conditions")).hasSize(2);
        assertThat(next.at("/conditions/1/status").asText()).isEqualTo("True");
        assertThat(next.path("listeners")).hasSize(1);
        assertThat(next.at("/listeners/0/attachedRoutes").asInt()).isEqualTo(2);
        assertThat(next.has("addresses")).as("not ours to say").isFalse();
        assertThat(StatusMerge.of(tree(shown), said, List.of(new StatusMerge.Address("IPAddress", "192.0.2.2")), NOW)
                        .at("/addresses/0/value")
                        .asText())
                .isEqualTo("192.0.2.2");
    }

    @Test
    void longMessages_areCut() throws Exception {
        ObjectStatus said = new ObjectStatus.OfClass(
                new ObjectId(ObjectId.Kind.GATEWAY_CLASS, "", "xds-lb"),
                1,
                List.of(new ObjectStatus.Condition("Accepted", false, "Bad", "x".repeat(100_000))),
                List.of("Gateway", "GRPCRoute"));

        ObjectNode next = merged("{}", said);

        assertThat(condition(next, "/conditions/0").path("message").asText()).hasSize(4_096);
        assertThat(next.path("supportedFeatures").toString())
                .isEqualTo("[{\"name\":\"GRPCRoute\"},{\"name\":\"Gateway\"}]");
        assertThat(merged(next.toString(), said)).isNull();
    }

    static ObjectStatus route(long generation, boolean accepted, String gateway) {
        return new ObjectStatus.OfRoute(
                ROUTE,
                generation,
                List.of(new ObjectStatus.OfParent(
                        new ParentReference(
                                new ObjectReference("gateway.networking.k8s.io", "Gateway", "", gateway), "", null),
                        List.of(new ObjectStatus.Condition(
                                "Accepted", accepted, accepted ? "Accepted" : "NoMatchingParent", "")))));
    }

    private static JsonNode condition(JsonNode status) {
        return condition(status, "/parents/0/conditions/0");
    }

    private static JsonNode condition(JsonNode status, String path) {
        return status.at(path);
    }

    private static ObjectNode merged(String shown, ObjectStatus said) throws Exception {
        return StatusMerge.of(tree(shown), said, List.of(), NOW);
    }

    private static JsonNode tree(String json) throws Exception {
        return JSON.readTree(json);
    }
}
