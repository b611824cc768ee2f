/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.e2e;

import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.discovery.v1.Endpoint;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.RollableScalableResource;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The service that is called: our example manifest, with a kubelet that runs its pods. */
final class OrdersDeployment implements AutoCloseable {

    static final String NAMESPACE = "shop";
    static final String NAME = "orders";

    /** A JVM starts for every pod, all of them at once on two cores, which others may be busy on, too. */
    private static final Duration READY_LIMIT = Duration.ofMinutes(8);

    private final KubernetesClient client;
    private final Kubelet kubelet;

    OrdersDeployment(KubernetesCluster cluster) {
        this.client = cluster.client();
        client.resource(new NamespaceBuilder()
                        .withNewMetadata()
                        .withName(NAMESPACE)
                        .endMetadata()
                        .build())
                .create();
        this.kubelet = new Kubelet(client, NAMESPACE);
        KubeScript.call(
                "kubectl",
                "apply",
                "--namespace=" + NAMESPACE,
                "-f",
                Project.root("sample-app/kubernetes/orders.yaml").toString());
    }

    /** Brings about exactly so many pods, all of them ready and none on its way out. */
    void scaleTo(int replicas) {
        deployment().scale(replicas);
        awaitSettled(replicas);
    }

    /** Sets how long pods sleep before SIGTERM, whatever the manifest says; null for what it says. */
    void preStop(@Nullable Duration sleep) {
        kubelet.preStop(sleep);
    }

    /** Replaces every pod by a new one, as a new version of the service would. Returns when the last old one is gone. */
    void replaceAll() {
        List<String> old = podNames();
        deployment().rolling().restart();
        await("the old pods gone")
                .atMost(READY_LIMIT)
                .until(() -> podNames().stream().noneMatch(old::contains));
        awaitSettled(old.size());
    }

    List<Pod> pods() {
        return client.pods()
                .inNamespace(NAMESPACE)
                .withLabel("app", NAME)
                .list()
                .getItems();
    }

    List<String> podNames() {
        return pods().stream().map(pod -> pod.getMetadata().getName()).sorted().toList();
    }

    /** Returns since when the pod has been ready; the present where it is not. */
    static Instant readySince(Pod pod) {
        return pod.getStatus().getConditions().stream()
                .filter(condition -> condition.getType().equals("Ready")
                        && condition.getStatus().equals("True"))
                .findFirst()
                .map(condition -> Instant.parse(condition.getLastTransitionTime()))
                .orElseGet(Instant::now);
    }

    /** Lets every request to the pod take this long. */
    void pace(Pod pod, Duration perRequest) {
        kubelet.pace(pod, perRequest);
    }

    /** Sets the pod's Ready condition, as a kubelet does after its probe. Returns when the API server has it. */
    void reportReady(Pod pod, boolean ready) {
        client.pods()
                .inNamespace(NAMESPACE)
                .withName(pod.getMetadata().getName())
                .editStatus(current -> current.edit()
                        .editStatus()
                        .editMatchingCondition(condition -> condition.getType().equals("Ready"))
                        .withStatus(ready ? "True" : "False")
                        .withLastTransitionTime(Instant.now()
                                .truncatedTo(java.time.temporal.ChronoUnit.SECONDS)
                                .toString())
                        .endCondition()
                        .endStatus()
                        .build());
    }

    private void awaitSettled(int replicas) {
        await(replicas + " pods, all ready").atMost(READY_LIMIT).until(() -> {
            List<Endpoint> endpoints = endpoints();
            return pods().size() == replicas
                    && endpoints.size() == replicas
                    && endpoints.stream()
                            .allMatch(endpoint -> endpoint.getConditions().getReady());
        });
    }

    private List<Endpoint> endpoints() {
        return client
                .discovery()
                .v1()
                .endpointSlices()
                .inNamespace(NAMESPACE)
                .withLabel("kubernetes.io/service-name", NAME)
                .list()
                .getItems()
                .stream()
                // The API server says null, not [], when there are none.
                .flatMap(slice -> Stream.ofNullable(slice.getEndpoints()).flatMap(List::stream))
                .toList();
    }

    private RollableScalableResource<Deployment> deployment() {
        return client.apps().deployments().inNamespace(NAMESPACE).withName(NAME);
    }

    @Override
    public void close() {
        kubelet.close();
    }
}
