/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.e2e;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Runs a real server for every pod of a namespace and treats it as a kubelet would: reports the pod ready when its
 * readiness probe succeeds, and once the pod is deleted does what {@link PodServer#end} describes.
 *
 * <p>The informer's thread writes {@code servers}; the tests read it.
 */
final class Kubelet implements AutoCloseable {

    private final KubernetesClient client;
    private final SharedIndexInformer<Pod> pods;
    private final ExecutorService workers = Executors.newCachedThreadPool();
    private final Map<String, PodServer> servers = new ConcurrentHashMap<>(); // by pod uid

    private volatile @Nullable Duration preStop; // null: as the pods' manifests say

    // Below are the bridge's own address and the nodes'. An address is not used twice.
    private final AtomicInteger nextHost = new AtomicInteger(10);

    Kubelet(KubernetesClient client, String namespace) {
        this.client = client;
        this.pods = client.pods().inNamespace(namespace).inform(new ResourceEventHandler<>() {
            @Override
            public void onAdd(Pod pod) {
                reconcile(pod);
            }

            @Override
            public void onUpdate(Pod old, Pod pod) {
                reconcile(pod);
            }

            @Override
            public void onDelete(Pod pod, boolean finalStateUnknown) {
                PodServer server = servers.remove(pod.getMetadata().getUid());
                if (server != null) {
                    server.close();
                }
            }
        });
    }

    /** Lets every request to the pod take this long. */
    void pace(Pod pod, Duration perRequest) {
        PodServer server = servers.get(pod.getMetadata().getUid());
        if (server == null) {
            throw new IllegalStateException(
                    "no server runs for pod " + pod.getMetadata().getName());
        }
        server.pace(perRequest);
    }

    /** Sets how long pods that are ended from now on sleep before SIGTERM, whatever their manifests say. */
    void preStop(@Nullable Duration sleep) {
        preStop = sleep;
    }

    private void reconcile(Pod pod) {
        String uid = pod.getMetadata().getUid();
        boolean scheduled = pod.getSpec().getNodeName() != null;
        boolean deleted = pod.getMetadata().getDeletionTimestamp() != null;
        PodServer server = servers.get(uid);
        if (server == null && scheduled && !deleted) {
            PodServer begun = new PodServer(client, pod, "10.77.0." + nextHost.getAndIncrement());
            servers.put(uid, begun);
            workers.execute(begun::begin);
        } else if (server != null && deleted && server.markEnding()) {
            workers.execute(() -> server.end(preStop));
        }
    }

    @Override
    public void close() {
        pods.close();
        workers.shutdownNow();
        servers.values().forEach(PodServer::close);
    }
}
