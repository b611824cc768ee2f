/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.gateway;

/** A certificate that is its own issuer, and what looks like a key: nobody handshakes with it. */
public final class GatewaySecrets {
    private static final String CHAIN = """
            -----BEGIN CERTIFICATE-----
            MIIBujCCAV+gAwIBAgIUBC5Wz5kn5oPy3sZUcP3U6uT0DE8wCgYIKoZIzj0EAwIw
            GzEZMBcGA1UEAwwQc2hvcC5leGFtcGxlLmNvbTAgFw0yNjExMjcwNzQ3NDFaGA8y
            MTI2MTEwMzA3NDc0MVowGzEZMBcGA1UEAwwQc2hvcC5leGFtcGxlLmNvbTBZMBMG
            ByqGSM49AgEGCCqGSM49AwEHA0IABJaExxm1Wan4vAVjtGo2ObSfN7l/QmQI2uHj
            smOt0vooE8oHcWr6anh162L+EsGXYPff52M7GTCTvZfUDhE3zgmjfzB9MB0GA1Ud
            DgQWBBRF5rujw4MoUVJMg5wolUZVGejMfTAfBgNVHSMEGDAWgBRF5rujw4MoUVJM
            g5wolUZVGejMfTAPBgNVHRMBAf8EBTADAQH/MCoGA1UdEQQjMCGCDSouZXhhbXBs
            ZS5jb22CEHNob3AuZXhhbXBsZS5jb20wCgYIKoZIzj0EAwIDSQAwRgIhAKlVmqvE
            2/B25WhYbShOo4fpfZa6ujr5a6ojU7cj2K+KAiEAwAhyJcVXRhB8M4n+QjXPF4LV
            rVcdede9GOp+0MR51xs=
            -----END CERTIFICATE-----
            """;

    private static final String KEY = """
            -----BEGIN PRIVATE KEY-----
            bm90IGEga2V5
            -----END PRIVATE KEY-----
            """;

    private GatewaySecrets() {}

    public static SecretObject of(String namespace, String name) {
        return new SecretObject(namespace, name, "kubernetes.io/tls", CHAIN, KEY, "");
    }
}
