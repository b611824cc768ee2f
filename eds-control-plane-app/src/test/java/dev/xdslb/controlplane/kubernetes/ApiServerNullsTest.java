/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import dev.xdslb.controlplane.topology.SliceObject;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.util.List;
import org.junit.jupiter.api.Test;

class ApiServerNullsTest {

    @Test
    void aSliceOfAServiceScaledToZero_asTheApiServerWritesIt_hasNoEndpoints() {
        EndpointSlice slice = new KubernetesSerialization().unmarshal("""
                {"apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice",
                 "metadata": {"name": "orders-zjn8n", "namespace": "shop",
                              "labels": {"kubernetes.io/service-name": "orders"}},
                 "addressType": "IPv4", "ports": null, "endpoints": null}
                """, EndpointSlice.class);

        SliceObject pruned = new ObjectPruning(List.of()).prune(slice, "");

        assertThat(pruned.endpoints()).isEmpty();
        assertThat(pruned.ports()).isEmpty();
    }
}
