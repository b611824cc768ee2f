/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.ads;

import io.grpc.Attributes;
import io.grpc.Grpc;
import java.security.cert.Certificate;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Who a client is by the certificate that it has shown on its connection, and that was found to be signed by somebody who is trusted.
 * What a node says of itself is no proof of anything.
 */
final class CertifiedNames {
    // Of GeneralName in RFC 5280, as X509Certificate numbers them.
    private static final int DNS = 2;
    private static final int URI = 6;

    private static final int MAX_NAMES = 50;

    private static final Logger log = LoggerFactory.getLogger(CertifiedNames.class);

    private CertifiedNames() {}

    /** Returns the URIs and DNS names of a connection's client; none where it has no certificate. */
    static Set<String> of(Attributes transport) {
        SSLSession session = transport.get(Grpc.TRANSPORT_ATTR_SSL_SESSION);
        if (session == null) {
            return Set.of();
        }
        try {
            Certificate[] chain = session.getPeerCertificates();
            return chain.length > 0 && chain[0] instanceof X509Certificate leaf ? of(leaf) : Set.of();
        } catch (SSLPeerUnverifiedException e) {
            return Set.of(); // it was not asked, or has shown none
        }
    }

    private static Set<String> of(X509Certificate leaf) {
        Collection<List<?>> alternatives;
        try {
            alternatives = leaf.getSubjectAlternativeNames();
        } catch (CertificateParsingException e) {
            log.debug("a client's certificate has names that cannot be read", e);
            return Set.of();
        }
        Set<String> names = new TreeSet<>();
        if (alternatives != null) {
            for (List<?> alternative : alternatives) {
                String name = name(alternative);
                if (name != null && names.size() < MAX_NAMES && !ClientText.isTooLong(name)) {
                    names.add(name);
                }
            }
        }
        return Set.copyOf(names);
    }

    /** A URI has a scheme and a DNS name has none, so that neither can be written to look like the other. */
    private static @Nullable String name(List<?> alternative) {
        String text = String.valueOf(alternative.get(1));
        boolean scheme = text.indexOf(':') >= 0;
        return switch ((Integer) alternative.get(0)) {
            case DNS -> scheme ? null : text.toLowerCase(Locale.ROOT);
            case URI -> scheme ? text : null;
            default -> null;
        };
    }
}
