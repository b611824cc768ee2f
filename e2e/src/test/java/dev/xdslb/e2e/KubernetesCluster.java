/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.e2e;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A Kubernetes control plane with two nodes in two zones. There is one at a time: it has fixed ports and addresses. */
final class KubernetesCluster implements AutoCloseable {

    static final String API_HOST = "127.0.0.1";
    static final int API_PORT = 26443;

    private final KubernetesClient client;

    private KubernetesCluster(KubernetesClient client) {
        this.client = client;
    }

    static KubernetesCluster up() {
        if (System.getenv("XDSLB_ISOLATED") == null) {
            throw new IllegalStateException(
                    "not in a network of its own (expected: below e2e/isolated.sh): run e2e/run.sh");
        }
        KubeScript.call("up");
        KubeScript.call("gateway-api");
        KubeScript.call("node", "node-a", "zone-a", "10.77.0.2");
        KubeScript.call("node", "node-b", "zone-b", "10.77.0.3");
        try {
            String kubeconfig = Files.readString(KubeScript.runFile("admin.kubeconfig"));
            Config config = Config.fromKubeconfig(kubeconfig);
            config.setClientKeyAlgo("EC");
            return new KubernetesCluster(
                    new KubernetesClientBuilder().withConfig(config).build());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A client with all rights, as the person has who operates the cluster. */
    KubernetesClient client() {
        return client;
    }

    /** Applies a manifest, or a folder with a kustomization. */
    void apply(Path manifest) {
        KubeScript.call("kubectl", "apply", Files.isDirectory(manifest) ? "-k" : "-f", manifest.toString());
    }

    String token(String namespace, String serviceAccount) {
        return KubeScript.call("token", namespace, serviceAccount).strip();
    }

    /** A client with the rights of a ServiceAccount. */
    KubernetesClient clientOf(String namespace, String serviceAccount) {
        Config config = new ConfigBuilder(Config.empty())
                .withMasterUrl("https://" + API_HOST + ":" + API_PORT)
                .withCaCertFile(certificateAuthority().toString())
                .withOauthToken(token(namespace, serviceAccount))
                .build();
        return new KubernetesClientBuilder().withConfig(config).build();
    }

    Path certificateAuthority() {
        return KubeScript.runFile("ca.crt");
    }

    void stopApiServer() {
        KubeScript.call("stop", "kube-apiserver");
    }

    void startApiServer() {
        KubeScript.call("start", "kube-apiserver");
    }

    @Override
    public void close() {
        client.close();
        KubeScript.call("down");
    }
}
