/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.resource;

import dev.xdslb.controlplane.ads.ClientVariant;
import dev.xdslb.controlplane.ads.EncodedResource;
import dev.xdslb.controlplane.ads.Lookup;
import dev.xdslb.controlplane.ads.ResourceType;
import dev.xdslb.controlplane.gateway.GatewayKey;
import dev.xdslb.controlplane.gateway.Gateways;
import dev.xdslb.controlplane.gateway.SecretObject;
import dev.xdslb.controlplane.topology.ObjectId;
import io.envoyproxy.envoy.config.core.v3.DataSource;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.Secret;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.TlsCertificate;
import io.grpc.Status;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * SDS: the certificates that listeners of Gateways name, with their keys. One is given only to who has shown, by the certificate of
 * its connection, that it is an Envoy of a Gateway whose listener names it and may. For everybody else there is none; what they are
 * told is the same whether it exists or not.
 *
 * <p>The keys are nowhere but in the topology and in the bytes that are kept
 * here; everybody reads, and who first asks makes them.
 */
final class SecretType implements ServedType {

    static final ResourceType TYPE = new ResourceType(
            "SECRET", "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.Secret", false, null);

    private static final int MAX_REFUSED = 1_000; // that are remembered as said in the log

    private static final Logger logger = LoggerFactory.getLogger(SecretType.class);

    private final Gateways gateways;
    private final Map<String, Set<GatewayKey>> identities;
    private final Map<ObjectId, Served> served = new ConcurrentHashMap<>();
    private final Set<String> refused = ConcurrentHashMap.newKeySet();

    /**
     * What is served of a Secret.
     *
     * @param of what it was made of
     */
    private record Served(SecretObject of, EncodedResource resource) {
        /** Without what is in it. */
        @Override
        public String toString() {
            return of.toString();
        }
    }

    /**
     * Creates the type.
     *
     * @param identities the Gateways of who has a certificate with a name; none where Secrets are not given to anybody
     */
    SecretType(Gateways gateways, Map<String, Set<GatewayKey>> identities) {
        this.gateways = gateways;
        this.identities = Map.copyOf(identities);
    }

    @Override
    public ResourceType type() {
        return TYPE;
    }

    @Override
    public String dependencyKey(String requestedName, ClientVariant variant) {
        return requestedName;
    }

    @Override
    public Lookup lookup(String requestedName, ClientVariant variant) {
        Set<GatewayKey> own = gatewaysOf(variant);
        if (own.isEmpty()) {
            return refuse(requestedName, variant);
        }
        GatewayKey name = GatewayKey.parse(requestedName); // <namespace>/<name>, as that of a Gateway
        for (GatewayKey gateway : own) {
            SecretObject secret = name == null ? null : gateways.secret(gateway, name.namespace(), name.name());
            if (secret != null) {
                return lookup(requestedName, secret);
            }
        }
        if (name != null
                && own.stream().anyMatch(gateway -> gateways.mayHaveSecret(gateway, name.namespace(), name.name()))) {
            return new Lookup.Withheld();
        }
        return missing("no Secret \"" + requestedName + "\" that a listener of Gateway " + own
                + " names, and may name (expected: in its namespace, or with a ReferenceGrant)");
    }

    /** Returns the names that are to be looked at anew. */
    Set<String> touchedBySecrets(Set<ObjectId> changed) {
        Set<String> names = new LinkedHashSet<>();
        for (ObjectId secret : changed) {
            served.computeIfPresent(secret, (id, before) -> isGone(before.of()) ? null : before);
            names.add(SecretName.of(secret.namespace(), secret.name()));
        }
        return names;
    }

    /** The same where a Gateway names other Secrets now, or may not any more. */
    Set<String> touchedByGateways(Set<GatewayKey> changed) {
        if (identities.values().stream().flatMap(Set::stream).noneMatch(changed::contains)) {
            return Set.of();
        }
        Set<String> names = new LinkedHashSet<>(touchedBySecrets(Set.copyOf(served.keySet())));
        for (GatewayKey gateway : changed) {
            gateways.certificates(gateway).forEach(certificate -> names.add(certificate.toString()));
        }
        return names;
    }

    private Lookup lookup(String requestedName, SecretObject secret) {
        Served now = served.compute(
                secret.id(),
                (id, before) -> before != null && before.of().equals(secret)
                        ? before
                        : new Served(secret, encode(requestedName, secret)));
        return new Lookup.Found(now.resource());
    }

    private boolean isGone(SecretObject secret) {
        return identities.values().stream()
                .flatMap(Set::stream)
                .allMatch(gateway -> gateways.secret(gateway, secret.namespace(), secret.name()) == null);
    }

    private Set<GatewayKey> gatewaysOf(ClientVariant variant) {
        Set<GatewayKey> own = new TreeSet<>();
        for (String name : variant.certifiedNames()) {
            own.addAll(identities.getOrDefault(name, Set.of()));
        }
        return own;
    }

    private Lookup refuse(String requestedName, ClientVariant variant) {
        String why = identities.isEmpty()
                ? "Secrets are not served (expected: xds-lb.control-plane.gateway-api.secrets=true)"
                : variant.certifiedNames().isEmpty()
                        ? "Secrets are given over mutual TLS alone, and this client has shown no certificate with a URI or"
                                + " DNS name"
                        : "the names of this client's certificate, " + new TreeSet<>(variant.certifiedNames())
                                + ", are those of no Gateway (expected: one of"
                                + " xds-lb.control-plane.gateway-api.identities)";
        if (refused.size() < MAX_REFUSED && refused.add(variant.certifiedNames() + requestedName)) {
            logger.warn(
                    "Secret \"{}\" is not given to a client that asks for it: {}", shown(requestedName), shown(why));
        }
        return missing(why);
    }

    private static EncodedResource encode(String name, SecretObject secret) {
        TlsCertificate certificate = TlsCertificate.newBuilder()
                .setCertificateChain(DataSource.newBuilder().setInlineString(secret.certificateChain()))
                .setPrivateKey(DataSource.newBuilder().setInlineString(secret.privateKey()))
                .build();
        return ResourceEncoding.encode(
                TYPE,
                name,
                Secret.newBuilder().setName(name).setTlsCertificate(certificate).build());
    }

    private static Lookup missing(String message) {
        return new Lookup.Missing(Status.Code.NOT_FOUND, message, null);
    }

    /** On one line. */
    private static String shown(String text) {
        return text.replaceAll("[\\p{Cntrl}\u2028\u2029]", "?");
    }

    /** Returns the Gateways by the name that a certificate has to have. */
    static Map<String, Set<GatewayKey>> byName(Map<GatewayKey, Set<String>> names) {
        Map<String, Set<GatewayKey>> gateways = new HashMap<>();
        names.forEach((gateway, all) -> all.forEach(
                name -> gateways.computeIfAbsent(name, none -> new TreeSet<>()).add(gateway)));
        return gateways;
    }
}
