/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.gateway;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.Collection;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Whether Envoy can end TLS with what is in a Secret. It refuses a whole listener for a certificate that it cannot use, so what is
 * handed to it is looked at before. What is said of it has nothing of the key in it, nor have exceptions of the parsers been let in.
 */
public final class CertificateCheck {
    private static final String TLS = "kubernetes.io/tls";

    /** PKCS#8, and what openssl and cert-manager have written before: PKCS#1 and SEC 1. */
    private static final Pattern KEY =
            Pattern.compile("-----BEGIN (RSA |EC |)PRIVATE KEY-----([A-Za-z0-9+/=\\s]+)-----END \\1PRIVATE KEY-----");

    /** Smaller ones Envoy refuses. */
    private static final int MIN_RSA_BITS = 2048;

    private static final byte[] PROBE = "xds-lb".getBytes(StandardCharsets.US_ASCII);

    private CertificateCheck() {}

    /** Returns what is wrong with a Secret, for people; empty when it can be used. */
    public static String problem(SecretObject secret) {
        if (!secret.type().equals(TLS)) {
            return "is of type " + (secret.type().isEmpty() ? "Opaque" : secret.type()) + " (expected: " + TLS + ")";
        }
        if (secret.certificateChain().isEmpty() || secret.privateKey().isEmpty()) {
            return "has no usable " + (secret.certificateChain().isEmpty() ? "tls.crt" : "tls.key")
                    + " (expected: PEM of at most 128 KiB)";
        }
        PublicKey certified;
        try {
            certified = leaf(secret.certificateChain()).getPublicKey();
        } catch (GeneralSecurityException | RuntimeException e) {
            return "tls.crt cannot be read (expected: a certificate as PEM, those that it is signed by behind it)";
        }
        if (certified instanceof RSAPublicKey rsa && rsa.getModulus().bitLength() < MIN_RSA_BITS) {
            return "tls.crt has an RSA key of " + rsa.getModulus().bitLength() + " bits (expected: at least "
                    + MIN_RSA_BITS + ")";
        }
        if (!(certified instanceof RSAPublicKey) && !(certified instanceof ECPublicKey)) {
            return "tls.crt has a key of kind " + certified.getAlgorithm() + " (expected: RSA or EC)";
        }
        try {
            return belongs(key(secret.privateKey(), certified), certified)
                    ? ""
                    : "tls.key is not the key of the first certificate in tls.crt";
        } catch (GeneralSecurityException | RuntimeException e) {
            return "tls.key cannot be read as the key of the first certificate in tls.crt (expected: one "
                    + certified.getAlgorithm() + " key as PEM, not encrypted)";
        }
    }

    private static X509Certificate leaf(String chain) throws GeneralSecurityException {
        Collection<? extends Certificate> certificates = CertificateFactory.getInstance("X.509")
                .generateCertificates(new ByteArrayInputStream(chain.getBytes(StandardCharsets.US_ASCII)));
        return (X509Certificate) certificates.iterator().next();
    }

    private static PrivateKey key(String pem, PublicKey certified) throws GeneralSecurityException {
        Matcher key = KEY.matcher(pem);
        if (!key.find()) {
            throw new InvalidKeySpecException("no key");
        }
        byte[] encoded = Base64.getMimeDecoder().decode(key.group(2));
        byte[] pkcs8 = key.group(1).isEmpty() ? encoded : asPkcs8(encoded, certified);
        return KeyFactory.getInstance(certified.getAlgorithm()).generatePrivate(new PKCS8EncodedKeySpec(pkcs8));
    }

    /** Of which kind and on which curve a key is, PKCS#8 says as a certificate does (RFC 5958, RFC 5280). */
    private static byte[] asPkcs8(byte[] key, PublicKey certified) {
        ByteBuffer info = ByteBuffer.wrap(certified.getEncoded());
        enter(info);
        int begin = info.position();
        int length = enter(info);
        byte[] algorithm = new byte[info.position() + length - begin];
        info.position(begin).get(algorithm);
        byte[] version = {0x02, 0x01, 0x00};
        return element(0x30, version, algorithm, element(0x04, key));
    }

    /** Goes to the content of a DER element, and returns its length. */
    private static int enter(ByteBuffer der) {
        der.get();
        int first = der.get() & 0xff;
        if (first < 0x80) {
            return first;
        }
        int length = 0;
        for (int i = first & 0x7f; i > 0; i--) {
            length = (length << 8) | (der.get() & 0xff);
        }
        return length;
    }

    private static byte[] element(int tag, byte[]... contents) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] content : contents) {
            all.writeBytes(content);
        }
        ByteArrayOutputStream element = new ByteArrayOutputStream();
        element.write(tag);
        byte[] length = BigInteger.valueOf(all.size()).toByteArray();
        int leading = length[0] == 0 && length.length > 1 ? 1 : 0;
        if (all.size() >= 0x80) {
            element.write(0x80 | (length.length - leading));
        }
        element.write(length, leading, length.length - leading);
        element.writeBytes(all.toByteArray());
        return element.toByteArray();
    }

    private static boolean belongs(PrivateKey key, PublicKey certified) throws GeneralSecurityException {
        String algorithm = certified instanceof RSAPublicKey ? "SHA256withRSA" : "SHA256withECDSA";
        Signature signing = Signature.getInstance(algorithm);
        signing.initSign(key);
        signing.update(PROBE);
        byte[] signed = signing.sign();
        Signature verifying = Signature.getInstance(algorithm);
        verifying.initVerify(certified);
        verifying.update(PROBE);
        return verifying.verify(signed);
    }
}
