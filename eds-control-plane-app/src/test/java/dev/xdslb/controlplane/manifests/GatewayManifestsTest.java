/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.manifests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.xdslb.controlplane.gateway.GatewayObject;
import dev.xdslb.controlplane.gateway.RouteFilter;
import dev.xdslb.controlplane.gateway.RouteObject;
import dev.xdslb.controlplane.gateway.SecretObject;
import dev.xdslb.controlplane.kubernetes.ObjectPruning;
import dev.xdslb.controlplane.topology.SkippedObject;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Objects of the Gateway API in files. */
class GatewayManifestsTest {
    private static final Path FILE = Path.of("gateway.yaml");

    private final ManifestParser parser = new ManifestParser(new ObjectPruning(List.of()), true);

    @Test
    void objects_areReadWithTheDefaultsOfTheApi() throws Exception {
        ManifestFile read = parser.parse(FILE, """
                apiVersion: gateway.networking.k8s.io/v1
                kind: Gateway
                metadata: {name: ingress, namespace: shop, generation: 7, creationTimestamp: "2026-01-02T03:04:05Z"}
                spec:
                  gatewayClassName: xds-lb
                  addresses: [{value: 192.0.2.1}]
                  infrastructure: {labels: {a: b}}
                  listeners:
                  - {name: http, port: 80, protocol: HTTP}
                  - name: https
                    port: 443
                    protocol: HTTPS
                    hostname: shop.example.com
                    tls: {certificateRefs: [{name: cert}]}
                    allowedRoutes:
                      namespaces: {from: Selector, selector: {matchLabels: {team: a}}}
                ---
                apiVersion: gateway.networking.k8s.io/v1
                kind: HTTPRoute
                metadata: {name: orders, namespace: shop}
                spec:
                  parentRefs: [{name: ingress}]
                  rules:
                  - matches: [{path: {value: /orders}, headers: [{name: x, value: y}]}]
                    filters:
                    - {type: RequestRedirect, requestRedirect: {scheme: https}}
                    - {type: RequestMirror, requestMirror: {backendRef: {name: carts, port: 80}, percent: 10}}
                    - {type: ExtensionRef, extensionRef: {group: example.com, kind: Auth, name: jwt}}
                    - {type: URLRewrite}
                    backendRefs: [{name: orders, port: 8080}, {name: carts, namespace: other, port: 80, weight: 0}]
                    timeouts: {request: 10s}
                """);

        assertThat(read.skipped()).isEmpty();
        GatewayObject gateway = (GatewayObject) read.objects().get(0);
        assertThat(gateway.meta().generation()).isEqualTo(7);
        assertThat(gateway.meta().created()).isNotNull();
        assertThat(gateway.meta().origin()).isEqualTo("gateway.yaml, line 1");
        assertThat(gateway.addresses()).containsExactly("IPAddress 192.0.2.1");
        assertThat(gateway.unsupported()).containsExactly("spec.infrastructure");
        assertThat(gateway.listeners().get(0).allowed()).isEqualTo(GatewayObject.AllowedRoutes.SAME_NAMESPACE);
        assertThat(gateway.listeners().get(1).tls().mode()).isEqualTo("Terminate");
        assertThat(gateway.listeners().get(1).tls().certificates().get(0)).hasToString("Secret cert");
        assertThat(gateway.listeners().get(1).allowed().selector().labels()).containsEntry("team", "a");

        RouteObject route = (RouteObject) read.objects().get(1);
        assertThat(route.parents().get(0).parent()).hasToString("Gateway.gateway.networking.k8s.io ingress");
        var rule = route.rules().get(0);
        assertThat(rule.matches().get(0).path().type()).isEqualTo("PathPrefix");
        assertThat(rule.matches().get(0).headers().get(0).value().type()).isEqualTo("Exact");
        assertThat(rule.filters().get(0)).isInstanceOf(RouteFilter.Redirect.class);
        assertThat(((RouteFilter.Mirror) rule.filters().get(1)).numerator()).isEqualTo(10);
        assertThat(rule.filters().get(2)).isEqualTo(new RouteFilter.Unknown("ExtensionRef", "example.com/Auth jwt"));
        assertThat(rule.filters().get(3)).isInstanceOf(RouteFilter.Unknown.class);
        assertThat(rule.backends().get(0).weight()).isEqualTo(1);
        assertThat(rule.backends().get(1).weight()).isZero();
        assertThat(rule.requestTimeout()).isEqualTo("10s");
    }

    @Test
    void fieldsThatAreNotKnown_areSaid_andTheRestCounts() throws Exception {
        ManifestFile read = parser.parse(FILE, """
                apiVersion: gateway.networking.k8s.io/v1
                kind: HTTPRoute
                metadata: {name: orders, namespace: shop}
                spec:
                  parentRef: [{name: ingress}]
                  parentRefs: [{name: ingress}, null]
                  rules:
                  - backendRefs: [{name: orders, port: 8080, wieght: 3}]
                """);

        assertThat(read.skipped())
                .extracting(SkippedObject::reason)
                .anyMatch(reason -> reason.endsWith("by /debug/gateways): spec.parentRef"))
                .anyMatch(reason -> reason.endsWith("by /debug/gateways): spec.rules[0].backendRefs[0].wieght"))
                .hasSize(2);
        assertThat(((RouteObject) read.objects().get(0)).parents()).hasSize(1);
    }

    @Test
    void whereTheGatewayApiIsOff_itsObjectsAreSkipped_withTheProperty() throws Exception {
        ManifestFile read = new ManifestParser(new ObjectPruning(List.of()), false).parse(FILE, """
                apiVersion: gateway.networking.k8s.io/v1
                kind: GatewayClass
                metadata: {name: xds-lb}
                """);

        assertThat(read.objects()).isEmpty();
        assertThat(read.skipped().get(0).reason()).contains("xds-lb.control-plane.gateway-api.enabled=true");
    }

    @Test
    void contentOfSecrets_isInNoText_andOneOfAnotherTypeIsNotKept() throws Exception {
        ManifestFile read = parser.parse(FILE, """
                apiVersion: v1
                kind: Secret
                metadata: {name: cert, namespace: shop}
                type: kubernetes.io/tls
                stringData: {tls.crt: certificate, tls.key: very-private}
                ---
                apiVersion: v1
                kind: Secret
                metadata: {name: password, namespace: shop}
                stringData: {tls.key: very-private}
                ---
                apiVersion: v1
                kind: Secret
                metadata: {name: huge, namespace: shop}
                type: kubernetes.io/tls
                stringData: {tls.crt: %s, tls.key: very-private}
                """.formatted("x".repeat(1 << 20)));

        assertThat(((SecretObject) read.objects().get(0)).privateKey()).isEqualTo("very-private");
        assertThat(((SecretObject) read.objects().get(1)).privateKey()).isEmpty();
        assertThat(((SecretObject) read.objects().get(2)).certificateChain()).isEmpty();
        assertThat(read.toString() + read.objects()).doesNotContain("very-private");
    }
}
