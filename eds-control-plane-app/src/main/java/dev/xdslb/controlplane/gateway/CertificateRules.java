/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.gateway;

import dev.xdslb.controlplane.gateway.CompiledRoute.Refusal;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Which Secrets hold a certificate that Envoy would take; the key itself is not looked at more than by its frame. */
final class CertificateRules {
    static final String TLS = "kubernetes.io/tls";

    private static final int MAX_BYTES = 1 << 20; // Kubernetes allows no more in a Secret

    private static final Pattern KEY = Pattern.compile(
            "-----BEGIN ((RSA|EC) )?PRIVATE KEY-----[A-Za-z0-9+/=\\s]+-----END ((RSA|EC) )?PRIVATE KEY-----");

    private CertificateRules() {}

    /** Returns why it cannot be used, null when it can. */
    static @Nullable Refusal problem(SecretObject secret) {
        String name = secret.toString();
        if (!secret.type().equals(TLS)) {
            return refusal(name + " is of type " + Texts.shown(secret.type()) + " (expected: " + TLS + ")");
        }
        if (secret.certificateChain().length() + secret.privateKey().length() > MAX_BYTES) {
            return refusal(name + " is too large (expected: at most 1 MB)");
        }
        try {
            byte[] chain = secret.certificateChain().getBytes(StandardCharsets.UTF_8);
            if (CertificateFactory.getInstance("X.509")
                    .generateCertificates(new ByteArrayInputStream(chain))
                    .isEmpty()) {
                return refusal(name + " has no certificate in tls.crt (expected: a chain in PEM)");
            }
        } catch (CertificateException e) {
            return refusal(name + " has no usable tls.crt (expected: a chain in PEM): " + e.getMessage());
        }
        if (!KEY.matcher(secret.privateKey()).find()) {
            return refusal(name + " has no usable tls.key (expected: an unencrypted private key in PEM)");
        }
        return null;
    }

    private static Refusal refusal(String message) {
        return new Refusal("InvalidCertificateRef", message);
    }
}
