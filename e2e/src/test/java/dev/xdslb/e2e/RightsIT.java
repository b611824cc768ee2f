/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.fabric8.kubernetes.api.model.authorization.v1.SelfSubjectAccessReview;
import io.fabric8.kubernetes.api.model.authorization.v1.SelfSubjectAccessReviewBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the ServiceAccount of our manifests may do, asked of the API server with the token that the control plane has. */
@ExtendWith(TestBed.class)
class RightsIT {

    private final KubernetesClient serviceAccount;

    RightsIT(TestBed.Parts parts) {
        serviceAccount = parts.cluster.clientOf(ControlPlane.NAMESPACE, ControlPlane.SERVICE_ACCOUNT);
    }

    @AfterEach
    void close() {
        serviceAccount.close();
    }

    @Test
    void theControlPlaneCannotReadSecrets() {
        assertThatExceptionOfType(KubernetesClientException.class)
                .isThrownBy(() -> serviceAccount.secrets().inAnyNamespace().list())
                .satisfies(refusal -> assertThat(refusal.getCode()).isEqualTo(403));
    }

    @ParameterizedTest
    @CsvSource({"'', services", "'', pods", "'', nodes", "discovery.k8s.io, endpointslices"})
    void theControlPlaneMayListAndWatchWhatItServesAndChangeNothing(String group, String resource) {
        assertThat(may("list", group, resource)).isTrue();
        assertThat(may("watch", group, resource)).isTrue();
        for (String verb : new String[] {"create", "update", "patch", "delete", "deletecollection"}) {
            assertThat(may(verb, group, resource)).as(verb).isFalse();
        }
    }

    private boolean may(String verb, String group, String resource) {
        SelfSubjectAccessReview review = new SelfSubjectAccessReviewBuilder()
                .withNewSpec()
                .withNewResourceAttributes()
                .withVerb(verb)
                .withGroup(group)
                .withResource(resource)
                .endResourceAttributes()
                .endSpec()
                .build();
        return serviceAccount
                .authorization()
                .v1()
                .selfSubjectAccessReview()
                .create(review)
                .getStatus()
                .getAllowed();
    }
}
