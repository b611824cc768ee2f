/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.manifests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.xdslb.controlplane.fault.Faults;
import dev.xdslb.controlplane.kubernetes.ObjectPruning;
import dev.xdslb.controlplane.topology.EndpointView;
import dev.xdslb.controlplane.topology.KubernetesClusterName;
import dev.xdslb.controlplane.topology.ServiceKey;
import dev.xdslb.controlplane.topology.ServiceView;
import dev.xdslb.controlplane.topology.SkippedObject;
import dev.xdslb.controlplane.topology.Topology;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ManifestSourceTest {

    private static final KubernetesClusterName CLUSTER = new KubernetesClusterName("default");
    private static final ServiceKey ORDERS = new ServiceKey("shop", "orders");

    private static final String SERVICE = """
            apiVersion: v1
            kind: Service
            metadata: {name: orders, namespace: shop}
            spec: {ports: [{name: http, port: 80}]}
            """;

    @TempDir
    private Path directory;

    private final Topology topology = new Topology(List.of(CLUSTER));
    private final Faults faults = new Faults();
    private ManifestSource source;

    @AfterEach
    void stop() {
        source.close();
        topology.close();
    }

    @Test
    void allObjectsOfAllFiles_areOneCluster() throws IOException {
        write("service.yaml", SERVICE);
        write("slices.yml", slice("a", "127.0.0.1") + "---\n" + slice("b", "127.0.0.2"));
        write("pods.yaml", """
                apiVersion: v1
                kind: List
                items:
                - apiVersion: v1
                  kind: Pod
                  metadata: {name: a, namespace: shop, annotations: {xdslb.dev/weight: "4"}}
                - apiVersion: v1
                  kind: Node
                  metadata: {name: n1, labels: {topology.kubernetes.io/zone: z1}}
                """);
        write("notes.txt", "nothing to see here: [");
        start();

        awaitAddresses("127.0.0.1", "127.0.0.2");
        assertThat(endpoints()).extracting(EndpointView::weight).containsExactly(4, 1);
        assertThat(endpoints()).extracting(EndpointView::zone).containsOnly("z1");
        assertThat(topology.skipped()).isEmpty();
    }

    /** YAML 1.1 has eight for 010, 1.1 for 1.10, true for yes and ninety for 1:30. */
    @Test
    void labelsAndAnnotations_areTextAsItStands() throws IOException {
        for (String shard : List.of("010", "1.10", "yes", "1:30", "0x1F", "1e3", "2026-01-02")) {
            write("service.yaml", SERVICE);
            write("slice.yaml", slice("a", "127.0.0.1"));
            write("pods.yaml", """
                    apiVersion: v1
                    kind: Pod
                    metadata: {name: a, namespace: shop, labels: {xdslb.dev/shard: %s}, annotations: {xdslb.dev/weight: 4}}
                    """.formatted(shard));
            if (source == null) {
                start();
            }

            await().untilAsserted(() ->
                    assertThat(endpoints()).extracting(EndpointView::shard).containsExactly(shard));
            assertThat(endpoints()).extracting(EndpointView::weight).containsExactly(4);
        }
    }

    /** As {@code kubectl get pods -o yaml} writes it, in one document. */
    @Test
    void listOfManyPods_isRead() throws IOException {
        write("service.yaml", SERVICE);
        write("slice.yaml", slice("a", "127.0.0.1"));
        StringBuilder pods = new StringBuilder("apiVersion: v1\nkind: List\nitems:\n");
        String padding = "x".repeat(3_000);
        for (int i = 0; i < 1_500; i++) {
            pods.append("- {apiVersion: v1, kind: Pod, metadata: {name: p%d, namespace: shop, annotations: {a: %s}}}\n"
                    .formatted(i, padding));
        }
        write("pods.yaml", pods.toString());
        start();

        awaitAddresses("127.0.0.1");
        assertThat(source.status().problem()).isEmpty();
    }

    @Test
    void fileThatChanges_appearsOrGoes_isFollowed() throws IOException {
        write("service.yaml", SERVICE);
        write("a.yaml", slice("a", "127.0.0.1"));
        start();
        awaitAddresses("127.0.0.1");

        write("b.yaml", slice("b", "127.0.0.2"));
        awaitAddresses("127.0.0.1", "127.0.0.2");

        write("a.yaml", slice("a", "127.0.0.3"));
        awaitAddresses("127.0.0.2", "127.0.0.3");

        Files.delete(directory.resolve("b.yaml"));
        awaitAddresses("127.0.0.3");
    }

    /** A watch of it never becomes quiet. */
    @Test
    void fileThatIsWrittenAllTheTime_keepsNoOtherBack() throws Exception {
        write("service.yaml", SERVICE);
        write("a.yaml", slice("a", "127.0.0.1"));
        start();
        awaitAddresses("127.0.0.1");
        AtomicBoolean done = new AtomicBoolean();
        Thread writer = new Thread(() -> {
            while (!done.get()) {
                try {
                    write("busy.yaml", slice("busy", "127.0.0.9"));
                    LockSupport.parkNanos(5_000_000); // it is whole most of the time, and never quiet
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }
        });
        writer.start();
        try {
            awaitAddresses("127.0.0.1", "127.0.0.9");
            write("a.yaml", slice("a", "127.0.0.2"));
            awaitAddresses("127.0.0.2", "127.0.0.9");
        } finally {
            done.set(true);
            writer.join();
        }
    }

    @Test
    void brokenFile_keepsTheLastGoodStateOfTheWholeFolder_andSaysWhereAndWhy() throws IOException {
        write("service.yaml", SERVICE);
        write("a.yaml", slice("a", "127.0.0.1"));
        start();
        awaitAddresses("127.0.0.1");

        write("a.yaml", slice("a", "127.0.0.2") + "---\napiVersion: v1\nkind: [Service\n");
        Files.delete(directory.resolve("service.yaml"));

        await().untilAsserted(() -> assertThat(source.status().problem()).startsWith("a.yaml, line 11: is not YAML: "));
        assertThat(addresses()).containsExactly("127.0.0.1");

        write("a.yaml", slice("a", "127.0.0.2"));
        write("service.yaml", SERVICE);
        awaitAddresses("127.0.0.2");
        await().untilAsserted(() -> assertThat(source.status().problem()).isEmpty());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "endpoints: &e\n- {addresses: [10.1.0.1], zone: *e}\n",
                "endpoints: &e\n- *e\n",
                "metadata: &e {name: a, labels: {kubernetes.io/service-name: *e}}\n"
            })
    void aliasInsideItsOwnAnchor_isABrokenFile_andLaterEditsAreRead(String fields) throws IOException {
        write("service.yaml", SERVICE);
        write("a.yaml", slice("a", "127.0.0.1"));
        start();
        awaitAddresses("127.0.0.1");

        write("a.yaml", "apiVersion: discovery.k8s.io/v1\nkind: EndpointSlice\naddressType: IPv4\n" + fields);
        await().untilAsserted(() -> assertThat(source.status().problem())
                .startsWith("a.yaml, line 1: contains itself, or is nested too deeply"));
        assertThat(addresses()).containsExactly("127.0.0.1");
        assertThat(faults.silent()).isEmpty();

        write("a.yaml", slice("a", "127.0.0.2"));
        awaitAddresses("127.0.0.2");
        await().untilAsserted(() -> assertThat(source.status().problem()).isEmpty());
    }

    @Test
    void listOfItself_isABrokenFile() throws IOException {
        write("service.yaml", SERVICE);
        write("a.yaml", "apiVersion: v1\nkind: List\nitems: &e\n- apiVersion: v1\n  kind: List\n  items: *e\n");
        start();

        await().untilAsserted(
                        () -> assertThat(source.status().problem()).startsWith("a.yaml, line 1: contains itself"));
    }

    @Test
    void fileThatIsWrittenAnew_countsWhenItIsWhole() throws IOException {
        write("all.yaml", SERVICE + "---\n" + slice("a", "127.0.0.1") + "---\n" + slice("b", "127.0.0.2"));
        start();
        awaitAddresses("127.0.0.1", "127.0.0.2");
        List<List<String>> seen = new CopyOnWriteArrayList<>();
        topology.addListener(changes -> seen.add(addresses()));

        write("all.yaml", ""); // as a shell does before it begins to write
        write("mark.yaml", slice("c", "127.0.0.3"));
        awaitAddresses("127.0.0.1", "127.0.0.2", "127.0.0.3");
        write("all.yaml", SERVICE + "---\n" + slice("a", "127.0.0.1"));
        write("mark.yaml", slice("c", "127.0.0.4"));
        awaitAddresses("127.0.0.1", "127.0.0.2", "127.0.0.4");

        assertThat(seen).allSatisfy(addresses -> assertThat(addresses).contains("127.0.0.1", "127.0.0.2"));
        // What stays short was meant so.
        awaitAddresses("127.0.0.1", "127.0.0.4");
    }

    @Test
    void serviceWhoseFileIsReplaced_isNotMissedByAnybody() throws IOException {
        write("service.yaml", SERVICE);
        write("a.yaml", slice("a", "127.0.0.1"));
        start();
        awaitAddresses("127.0.0.1");
        List<ServiceKey> gone = new CopyOnWriteArrayList<>();
        topology.addListener(changes ->
                changes.stream().filter(change -> change.after() == null).forEach(change -> gone.add(change.key())));

        Files.delete(directory.resolve("service.yaml"));
        write("b.yaml", slice("b", "127.0.0.2"));
        awaitAddresses("127.0.0.1", "127.0.0.2");
        write("service.yaml", SERVICE);
        Files.delete(directory.resolve("b.yaml"));
        awaitAddresses("127.0.0.1");
        assertThat(gone).isEmpty();

        Files.delete(directory.resolve("service.yaml"));
        await().until(() -> gone.equals(List.of(ORDERS)));
    }

    @Test
    void fieldOfAWrongType_isABrokenFile() throws IOException {
        write("service.yaml", "# comment\n---\n" + SERVICE.replace("80", "eighty"));
        start();

        await().untilAsserted(() -> assertThat(source.status().problem())
                .startsWith("service.yaml, line 2: is no Service: spec.ports[0].port: ")
                .contains("eighty"));
        assertThat(topology.isSynced()).isFalse();
    }

    @Test
    void folderThatIsBrokenAtTheStart_isSyncedOnceItIsMended() throws IOException {
        write("service.yaml", "{");
        start();
        await().until(() -> !source.status().problem().isEmpty());
        assertThat(topology.isSynced()).isFalse();

        write("service.yaml", SERVICE);

        await().until(topology::isSynced);
        assertThat(topology.service(ORDERS)).isNotNull();
    }

    @Test
    void whatIsNotKubernetes_isSkippedWithAReason_theRestIsServed() throws IOException {
        write("service.yaml", SERVICE);
        write("a.yaml", slice("a", "127.0.0.1"));
        write("z.yaml", """
                just some text
                ---
                some: {other: yaml}
                ---
                apiVersion: apps/v1
                kind: Deployment
                metadata: {name: orders}
                ---
                apiVersion: v1
                kind: Pod
                metadata: {namespace: shop}
                ---
                apiVersion: v1
                kind: Service
                metadata: {name: orders, namespace: shop}
                """);
        start();

        awaitAddresses("127.0.0.1");
        assertThat(topology.skipped())
                .extracting(SkippedObject::toString)
                .containsExactlyInAnyOrder(
                        "z.yaml, line 1: is no Kubernetes object (expected: apiVersion, kind, metadata)",
                        "z.yaml, line 2: is no Kubernetes object (expected: apiVersion, kind, metadata)",
                        "z.yaml, line 4: apps/v1 Deployment is not used (expected: discovery.k8s.io/v1 EndpointSlice,"
                                + " v1 Node, v1 Pod, v1 Service)",
                        "z.yaml, line 8: v1 Pod without metadata.name",
                        "Service shop/orders (z.yaml, line 12): is in service.yaml, line 1 already, which counts");
    }

    @Test
    void endpointsThatCannotBeServed_areSkippedWithFileAndLine() throws IOException {
        write("service.yaml", SERVICE);
        write(
                "slices.yaml",
                slice("a", "127.0.0.1") + "---\n" + slice("b", "pod-b.local") + "---\n"
                        + slice("c", "127.0.0.3").replace(", port: 8080", "") + "---\n"
                        + slice("d", "127.0.0.4").replace("kubernetes.io/service-name", "app"));
        start();

        awaitAddresses("127.0.0.1");
        assertThat(topology.skipped())
                .extracting(SkippedObject::toString)
                .containsExactlyInAnyOrder(
                        "EndpointSlice shop/b (slices.yaml, line 9): endpoint address \"pod-b.local\""
                                + " (expected: an IPv4 address)",
                        "EndpointSlice shop/c (slices.yaml, line 18): port \"http\" has no number"
                                + " (expected: the port on which the pods listen)",
                        "EndpointSlice shop/d (slices.yaml, line 27): no label kubernetes.io/service-name"
                                + " (expected: the name of the Service it belongs to)");
    }

    private void start() {
        source = new ManifestSource(directory, new ObjectPruning(List.of()), topology.feed(CLUSTER), faults);
        topology.start();
        source.start();
    }

    private void write(String file, String content) throws IOException {
        Files.writeString(directory.resolve(file), content);
    }

    private static String slice(String pod, String address) {
        return """
                apiVersion: discovery.k8s.io/v1
                kind: EndpointSlice
                metadata: {name: %1$s, namespace: shop, labels: {kubernetes.io/service-name: orders}}
                addressType: IPv4
                ports: [{name: http, port: 8080}]
                endpoints:
                - {addresses: [%2$s], nodeName: n1, targetRef: {kind: Pod, name: %1$s}}
                # end of %1$s
                """.formatted(pod, address);
    }

    private void awaitAddresses(String... expected) {
        await().untilAsserted(() -> assertThat(addresses()).containsExactly(expected));
    }

    private List<String> addresses() {
        return endpoints().stream().map(EndpointView::address).toList();
    }

    private List<EndpointView> endpoints() {
        ServiceView view = topology.service(ORDERS);
        return view == null ? List.of() : view.ports().get(0).endpoints();
    }
}
