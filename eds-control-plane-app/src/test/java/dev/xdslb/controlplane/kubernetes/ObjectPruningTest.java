/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.xdslb.controlplane.topology.AddressFamily;
import dev.xdslb.controlplane.topology.NodeObject;
import dev.xdslb.controlplane.topology.PodObject;
import dev.xdslb.controlplane.topology.ServiceObject;
import dev.xdslb.controlplane.topology.ServicePolicy;
import dev.xdslb.controlplane.topology.ServicePolicy.TrafficDistribution;
import dev.xdslb.controlplane.topology.ServicePort;
import dev.xdslb.controlplane.topology.SliceObject;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ObjectPruningTest {

    private final ObjectPruning pruning = new ObjectPruning(List.of("tier"));

    @Test
    void conditionsThatASliceDoesNotSay_haveKubernetesDefaults() {
        SliceObject slice = slice("""
                endpoints:
                - addresses: [10.0.0.1]
                - addresses: [10.0.0.2]
                  conditions: {}
                - addresses: [10.0.0.3]
                  conditions: {ready: false, serving: true, terminating: true}
                """);

        assertThat(slice.endpoints())
                .extracting(
                        SliceObject.Endpoint::ready, SliceObject.Endpoint::serving, SliceObject.Endpoint::terminating)
                .containsExactly(tuple(true, true, false), tuple(true, true, false), tuple(false, true, true));
    }

    @Test
    void onlyTcpPortsCount_andAMissingNameIsEmpty() {
        assertThat(slice("""
                ports:
                - {port: 1}
                - {name: dns, port: 53, protocol: UDP}
                - {name: all, protocol: TCP}
                """).ports()).containsExactly(new SliceObject.Port("", 1), new SliceObject.Port("all", null));
        assertThat(service("""
                ports:
                - {name: dns, port: 53, protocol: UDP}
                - {name: dns-tcp, port: 53, protocol: TCP}
                """).ports()).containsExactly(new ServicePort("dns-tcp", 53, false));
    }

    @ParameterizedTest
    @CsvSource({
        "http,kubernetes.io/h2c,true",
        "http,h2c,true",
        "http,http2,true",
        "http,grpc,true",
        "http,GRPC,true",
        "http,HTTP2,false", // of GKE: over TLS
        "http,kubernetes.io/ws,false",
        "http,https,false",
        "grpc,http,false", // what is said explicitly counts
        "grpc,,true",
        "grpc-api,,true",
        "http2,,true",
        "http2-web,,true",
        "h2c,,true",
        "http,,false",
        "http-grpc,,false",
        "grpcx,,false"
    })
    void http2IsToldByTheAppProtocolOrTheName(String name, String appProtocol, boolean http2) {
        String protocol = appProtocol == null ? "" : ", appProtocol: " + appProtocol;

        assertThat(service("ports: [{name: " + name + ", port: 80" + protocol + "}]")
                        .ports())
                .containsExactly(new ServicePort(name, 80, http2));
    }

    @Test
    void whatAServiceAsksForAndDoesNotGet_isSaid() {
        ServiceObject service = service("""
                internalTrafficPolicy: Local
                sessionAffinity: ClientIP
                ports: [{name: http, port: 80}, {name: wide, port: 70000}]
                """);

        assertThat(service.ports()).containsExactly(new ServicePort("http", 80, false));
        assertThat(service.problems()).hasSize(3);
        assertThat(service.problems().get(0)).contains("\"wide\" is 70000", "1 to 65535");
        assertThat(service.problems().get(1)).contains("internalTrafficPolicy", "any other gets");
        assertThat(service.problems().get(2)).contains("sessionAffinity", "ring-hash");
        assertThat(service("{internalTrafficPolicy: Cluster, sessionAffinity: None, ports: [{port: 80}]}")
                        .problems())
                .isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"PreferSameZone,SAME_ZONE", "PreferClose,SAME_ZONE", "PreferSameNode,SAME_NODE"})
    void trafficDistribution_isThePolicyOfTheService(String text, TrafficDistribution expected) {
        ServiceObject service = service("{trafficDistribution: " + text + ", ports: [{port: 80}]}");

        assertThat(service.policy().distribution()).isEqualTo(expected);
        assertThat(service.problems()).isEmpty();
        assertThat(service("{ports: [{port: 80}]}").policy()).isEqualTo(ServicePolicy.NONE);
    }

    @Test
    void trafficDistributionThatNobodyKnows_isSaid_andDoesNotCount() {
        ServiceObject service = service("{trafficDistribution: PreferMyDesk, ports: [{port: 80}]}");

        assertThat(service.policy()).isEqualTo(ServicePolicy.NONE);
        assertThat(service.problems())
                .containsExactly("trafficDistribution is \"PreferMyDesk\" (expected: PreferSameZone, PreferSameNode or"
                        + " PreferClose); it does not count");
    }

    @Test
    void internalTrafficPolicyLocal_isThePolicyOfTheService() {
        assertThat(service("{internalTrafficPolicy: Local, ports: [{port: 80}]}")
                        .policy()
                        .nodeLocal())
                .isTrue();
        assertThat(service("{internalTrafficPolicy: Cluster, ports: [{port: 80}]}")
                        .policy()
                        .nodeLocal())
                .isFalse();
    }

    @Test
    void headlessService_isAServiceLikeAnyOther() {
        ServiceObject service = service("{clusterIP: None, ports: [{port: 80}], ipFamilies: [IPv6, IPv4]}");

        assertThat(service.ports()).containsExactly(new ServicePort("", 80, false));
        assertThat(service.families()).containsExactly(AddressFamily.IPV6, AddressFamily.IPV4);
    }

    @Test
    void externalName_isKept() {
        assertThat(service("{type: ExternalName, externalName: db.example.com}").externalName())
                .isEqualTo("db.example.com");
    }

    @Test
    void zoneAndRegionOfANode_areItsLabels_elseTheLegacyOnes() {
        assertThat(node("{topology.kubernetes.io/zone: a, failure-domain.beta.kubernetes.io/zone: b,"
                        + " topology.kubernetes.io/region: r}"))
                .isEqualTo(new NodeObject("n1", "r", "a"));
        assertThat(node("{failure-domain.beta.kubernetes.io/zone: b, failure-domain.beta.kubernetes.io/region: s}"))
                .isEqualTo(new NodeObject("n1", "s", "b"));
    }

    @Test
    void podKeepsWeightShardReadyTimeAndTheLabelsThatTravel() {
        PodObject pod = pod("""
                metadata:
                  {name: p, namespace: shop, uid: u1, labels: {tier: gold, secret: x, xdslb.dev/shard: "7"},
                   annotations: {xdslb.dev/weight: "3"}}
                status:
                  conditions:
                  - {type: Ready, status: "True", lastTransitionTime: "2026-01-02T03:04:05Z"}
                """);

        assertThat(pod.weight()).isEqualTo(3);
        assertThat(pod.shard()).isEqualTo("7");
        assertThat(pod.labels()).containsOnlyKeys("tier");
        assertThat(pod.readySince()).isEqualTo(Instant.parse("2026-01-02T03:04:05Z"));
        assertThat(pod.problem()).isEmpty();
    }

    @Test
    void podThatIsNotReady_hasNoReadyTime() {
        assertThat(pod("""
                metadata: {name: p}
                status:
                  conditions:
                  - {type: Ready, status: "False", lastTransitionTime: "2026-01-02T03:04:05Z"}
                """).readySince()).isNull();
    }

    /** As the node lifecycle controller does it: it changes Ready alone. */
    @Test
    void podMarkedNotReadyWithoutItsKubelet_keepsTheReadyTimeThatThatSaid() {
        PodObject pod = pod("""
                metadata: {name: p}
                spec: {readinessGates: [{conditionType: example.com/warm}]}
                status:
                  conditions:
                  - {type: Ready, status: "False", lastTransitionTime: "2026-01-02T09:00:00Z"}
                  - {type: ContainersReady, status: "True", lastTransitionTime: "2026-01-02T03:04:05Z"}
                  - {type: example.com/warm, status: "True", lastTransitionTime: "2026-01-02T03:05:00Z"}
                """);

        assertThat(pod.unheardSince()).isEqualTo(Instant.parse("2026-01-02T09:00:00Z"));
        assertThat(pod.readySince()).isEqualTo(Instant.parse("2026-01-02T03:05:00Z"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {name: p}                                            | {}                                                | False
            {name: p}                                            | {readinessGates: [{conditionType: not-said}]}     | True
            {name: p, deletionTimestamp: "2026-01-02T09:00:00Z"} | {}                                                | True
            """)
    void podThatItsKubeletFindsNotReady_orThatLeaves_isNotMarked(String metadata, String spec, String containers) {
        PodObject pod = pod("metadata: " + metadata + "\nspec: " + spec + "\n" + """
                status:
                  conditions:
                  - {type: Ready, status: "False", lastTransitionTime: "2026-01-02T09:00:00Z"}
                  - {type: ContainersReady, status: "%s", lastTransitionTime: "2026-01-02T03:04:05Z"}
                """.formatted(containers));

        assertThat(pod.unheardSince()).isNull();
        assertThat(pod.readySince()).isNull();
    }

    @Test
    void pod_saysWhereItRuns() {
        PodObject.Location location = pod("""
                metadata: {name: p, labels: {topology.kubernetes.io/zone: west-1, topology.kubernetes.io/region: west}}
                spec: {nodeName: n1, hostNetwork: true}
                status: {phase: Running, podIP: 10.0.0.1, podIPs: [{ip: 10.0.0.1}, {ip: "fd00:0::1"}]}
                """).location();

        assertThat(location)
                .isEqualTo(new PodObject.Location("n1", "west", "west-1", List.of("10.0.0.1", "fd00::1"), true));
        assertThat(pod("metadata: {name: p}").location()).isEqualTo(PodObject.Location.UNKNOWN);
    }

    @ParameterizedTest
    @ValueSource(strings = {"Succeeded", "Failed"})
    void podThatHasEnded_hasNoAddress(String phase) {
        assertThat(pod("metadata: {name: p}\nstatus: {phase: " + phase + ", podIP: 10.0.0.1}")
                        .location()
                        .addresses())
                .isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "-1", "10001", "1.5", "heavy", "99999999999"})
    void weightOutOfRange_isOneAndAProblem(String weight) {
        PodObject pod = pod("metadata: {name: p, annotations: {xdslb.dev/weight: '" + weight + "'}}");

        assertThat(pod.weight()).isEqualTo(1);
        assertThat(pod.problem()).contains("\"" + weight + "\"", "expected: a whole number from 1 to 10000");
    }

    /** Each of these changes many times an hour, and no client could see it. */
    @Test
    void versionAndManagedFields_changeNothing() {
        String metadata = """
                apiVersion: discovery.k8s.io/v1
                kind: EndpointSlice
                metadata:
                  name: s
                  namespace: shop
                  resourceVersion: "%d"
                  managedFields: [{manager: m, operation: Update, time: "2026-01-02T03:04:%02dZ"}]
                addressType: IPv4
                """;

        assertThat(pruning.prune(Serialization.unmarshal(metadata.formatted(1, 1), EndpointSlice.class), ""))
                .isEqualTo(pruning.prune(Serialization.unmarshal(metadata.formatted(2, 2), EndpointSlice.class), ""));
    }

    /** Of a Service without a selector, from Endpoints that somebody else writes. */
    @Test
    void mirroredSlice_isASliceLikeAnyOther() {
        EndpointSlice slice = Serialization.unmarshal("""
                apiVersion: discovery.k8s.io/v1
                kind: EndpointSlice
                metadata:
                  name: s
                  namespace: shop
                  labels:
                    kubernetes.io/service-name: orders
                    endpointslice.kubernetes.io/managed-by: endpointslicemirroring-controller.k8s.io
                addressType: IPv4
                endpoints: [{addresses: [192.0.2.7]}]
                """, EndpointSlice.class);

        SliceObject pruned = pruning.prune(slice, "");
        assertThat(pruned.serviceName()).isEqualTo("orders");
        assertThat(pruned.imported()).isFalse();
        assertThat(pruned.endpoints().get(0).podName()).isEmpty();
        assertThat(pruned.endpoints().get(0).ready()).isTrue();
    }

    /** Hints come and go with the number of pods; our clients know zones better. */
    @Test
    void hintsAndHostNamesOfEndpoints_changeNothing() {
        assertThat(
                        slice(
                                "endpoints: [{addresses: [10.0.0.1], zone: z1, hostname: db-0, hints: {forZones: [{name: z2}]}}]"))
                .isEqualTo(slice("endpoints: [{addresses: [10.0.0.1], zone: z1}]"));
    }

    @Test
    void sliceImportedFromAnotherCluster_isMarked() {
        EndpointSlice slice = Serialization.unmarshal("""
                apiVersion: discovery.k8s.io/v1
                kind: EndpointSlice
                metadata: {name: s, namespace: shop, labels: {multicluster.kubernetes.io/service-name: orders}}
                """, EndpointSlice.class);

        assertThat(pruning.prune(slice, "").imported()).isTrue();
    }

    @Test
    void triggerTimeOfASlice_isKept_andWhatIsNoTimeIsNone() {
        assertThat(triggered("2026-01-01T00:00:00.5Z").triggeredAt())
                .isEqualTo(Instant.parse("2026-01-01T00:00:00.5Z"));
        assertThat(triggered("yesterday").triggeredAt()).isNull();
        assertThat(slice("").triggeredAt()).isNull();
    }

    private SliceObject triggered(String time) {
        EndpointSlice slice = Serialization.unmarshal(
                "apiVersion: discovery.k8s.io/v1\nkind: EndpointSlice\nmetadata: {name: s, namespace: shop, annotations:"
                        + " {endpoints.kubernetes.io/last-change-trigger-time: '" + time + "'}}\n",
                EndpointSlice.class);
        return pruning.prune(slice, "");
    }

    private SliceObject slice(String fields) {
        EndpointSlice slice = Serialization.unmarshal(
                "apiVersion: discovery.k8s.io/v1\nkind: EndpointSlice\nmetadata: {name: s, namespace: shop}\n"
                        + "addressType: IPv4\n" + fields,
                EndpointSlice.class);
        return pruning.prune(slice, "");
    }

    private ServiceObject service(String spec) {
        Service service = Serialization.unmarshal(
                "apiVersion: v1\nkind: Service\nmetadata: {name: s, namespace: shop}\nspec:\n" + spec.indent(2),
                Service.class);
        return pruning.prune(service, "");
    }

    private NodeObject node(String labels) {
        return pruning.prune(Serialization.unmarshal(
                "apiVersion: v1\nkind: Node\nmetadata: {name: n1, labels: " + labels + "}", Node.class));
    }

    private PodObject pod(String fields) {
        return pruning.prune(Serialization.unmarshal("apiVersion: v1\nkind: Pod\n" + fields, Pod.class), "");
    }
}
