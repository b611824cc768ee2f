/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.kubernetes;

import io.fabric8.kubernetes.client.Config;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Of which kind the key of a client's certificate is. The client sees it by the head of the file, which in PKCS#8 ({@code BEGIN
 * PRIVATE KEY}, what {@code openssl req} writes) does not say it, and takes every one for RSA.
 */
final class ClientKey {
    private static final String BEGIN = "-----BEGIN PRIVATE KEY-----";
    private static final String END = "-----END PRIVATE KEY-----";

    private static final String RSA = "RSA";
    private static final List<String> KINDS = List.of(RSA, "EC"); // those that the client can use

    private ClientKey() {}

    /**
     * Says to the client of which kind its key is, where it does not see that.
     *
     * @throws UnusableKubeconfigException when the key cannot be read, or is of another kind
     */
    static void identify(Config config) {
        String text = text(config);
        if (text == null || !text.contains(BEGIN) || !text.contains(END)) {
            return; // the client tells it, or says what is wrong
        }
        String inner = text.substring(text.indexOf(BEGIN) + BEGIN.length(), text.indexOf(END));
        byte[] key = Base64.getMimeDecoder().decode(inner);
        for (String kind : KINDS) {
            if (isOf(kind, key)) {
                config.setClientKeyAlgo(kind);
                return;
            }
        }
        throw new UnusableKubeconfigException(
                "the client's key is of an unknown kind (expected: RSA, or EC on a NIST curve)");
    }

    private static boolean isOf(String kind, byte[] key) {
        try {
            KeyFactory.getInstance(kind).generatePrivate(new PKCS8EncodedKeySpec(key));
            return true;
        } catch (GeneralSecurityException e) {
            return false;
        }
    }

    private static @Nullable String text(Config config) {
        String data = config.getClientKeyData();
        if (data != null && !data.isEmpty()) {
            try {
                return new String(Base64.getDecoder().decode(data), StandardCharsets.US_ASCII);
            } catch (IllegalArgumentException e) {
                throw new UnusableKubeconfigException("client-key-data is not Base64: " + e.getMessage());
            }
        }
        String file = config.getClientKeyFile();
        if (file == null || file.isEmpty()) {
            return null;
        }
        try {
            return Files.readString(Path.of(file), StandardCharsets.US_ASCII);
        } catch (IOException e) {
            throw new UnusableKubeconfigException("client-key " + file + " cannot be read: " + e);
        }
    }
}
