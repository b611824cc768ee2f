/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.gateway;

import dev.xdslb.controlplane.gateway.CompiledRoute.Refusal;
import org.jspecify.annotations.Nullable;

/** Which Secrets hold a certificate that Envoy would take, as the status of a listener says it. */
final class CertificateRules {
    private CertificateRules() {}

    /** Returns why it cannot be used, null when it can. */
    static @Nullable Refusal problem(SecretObject secret) {
        String problem = CertificateCheck.problem(secret);
        return problem.isEmpty() ? null : new Refusal("InvalidCertificateRef", secret + " " + problem);
    }
}
