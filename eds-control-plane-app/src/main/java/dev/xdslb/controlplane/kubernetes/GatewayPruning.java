/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.kubernetes;

import dev.xdslb.controlplane.gateway.GatewayClassObject;
import dev.xdslb.controlplane.gateway.GatewayObject;
import dev.xdslb.controlplane.gateway.Meta;
import dev.xdslb.controlplane.gateway.NamespaceObject;
import dev.xdslb.controlplane.gateway.ObjectReference;
import dev.xdslb.controlplane.gateway.ReferenceGrantObject;
import dev.xdslb.controlplane.gateway.SecretObject;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.LabelSelector;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.AllowedRoutes;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.Gateway;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.GatewayClass;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.GatewaySpec;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.GatewayTLSConfig;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.Listener;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.ListenerTLSConfig;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.ParametersReference;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.RouteNamespaces;
import io.fabric8.kubernetes.api.model.gatewayapi.v1beta1.ReferenceGrant;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Keeps of an object of the Gateway API, and of what it refers to, what is needed, with the API's defaults filled in. */
public final class GatewayPruning {
    static final String GROUP = "gateway.networking.k8s.io";

    /** Of a Gateway: IPv4 or DualStack. */
    private static final String IP_FAMILY = "xdslb.dev/ip-family";

    private static final String TLS_SECRET = "kubernetes.io/tls";

    /**
     * Of a certificate chain with its key, each. A Secret may have a MiB; a chain of ten certificates has 20 KiB, and Envoy is told
     * all of it by one message.
     */
    private static final int MAX_PEM_CHARS = 128 * 1024;

    private GatewayPruning() {}

    public static GatewayClassObject prune(GatewayClass object, String origin) {
        var spec = object.getSpec();
        return new GatewayClassObject(
                meta(object, origin),
                spec == null ? "" : orEmpty(spec.getControllerName()),
                spec == null ? "" : parameters(spec.getParametersRef()));
    }

    public static GatewayObject prune(Gateway object, String origin) {
        GatewaySpec spec = object.getSpec();
        if (spec == null) {
            return new GatewayObject(meta(object, origin), "", List.of(), List.of(), List.of());
        }
        List<String> unsupported = new ArrayList<>();
        note(unsupported, "spec.infrastructure", spec.getInfrastructure());
        note(unsupported, "spec.allowedListeners", spec.getAllowedListeners());
        note(unsupported, "spec.defaultScope", spec.getDefaultScope());
        GatewayTLSConfig tls = spec.getTls();
        if (tls != null) {
            note(unsupported, "spec.tls.backend", tls.getBackend());
            note(unsupported, "spec.tls.frontend", tls.getFrontend());
            note(unsupported, "spec.tls.", tls.getAdditionalProperties());
        }
        note(unsupported, "spec.", spec.getAdditionalProperties());
        Boolean dualStack = dualStack(object.getMetadata(), unsupported);
        return new GatewayObject(
                meta(object, origin),
                orEmpty(spec.getGatewayClassName()),
                orNone(spec.getListeners()).stream()
                        .map(GatewayPruning::listener)
                        .toList(),
                orNone(spec.getAddresses()).stream()
                        .map(address -> orDefault(address.getType(), "IPAddress") + " " + orEmpty(address.getValue()))
                        .toList(),
                unsupported,
                dualStack);
    }

    private static @Nullable Boolean dualStack(ObjectMeta metadata, List<String> unsupported) {
        Map<String, String> annotations = metadata.getAnnotations();
        String family = annotations == null ? null : annotations.get(IP_FAMILY);
        if (family == null) {
            return null;
        }
        return switch (family) {
            case "DualStack" -> true;
            case "IPv4" -> false;
            default -> {
                String shown =
                        family.substring(0, Math.min(40, family.length())).replaceAll("\\p{Cntrl}", "?");
                unsupported.add("annotation " + IP_FAMILY + " \"" + shown + "\" (expected: IPv4 or DualStack)");
                yield null;
            }
        };
    }

    public static ReferenceGrantObject prune(ReferenceGrant object, String origin) {
        var spec = object.getSpec();
        return new ReferenceGrantObject(
                meta(object, origin),
                spec == null
                        ? List.of()
                        : orNone(spec.getFrom()).stream()
                                .map(from -> new ReferenceGrantObject.From(
                                        orEmpty(from.getGroup()),
                                        orEmpty(from.getKind()),
                                        orEmpty(from.getNamespace())))
                                .toList(),
                spec == null
                        ? List.of()
                        : orNone(spec.getTo()).stream()
                                .map(to -> new ReferenceGrantObject.To(
                                        orEmpty(to.getGroup()), orEmpty(to.getKind()), orEmpty(to.getName())))
                                .toList());
    }

    public static NamespaceObject prune(Namespace object, String origin) {
        Map<String, String> labels = object.getMetadata().getLabels();
        return new NamespaceObject(
                orEmpty(object.getMetadata().getName()), labels == null ? Map.of() : withoutNulls(labels), origin);
    }

    /** Of a Secret that is of another type nothing is kept but that. */
    public static SecretObject prune(Secret object, String origin) {
        String type = orEmpty(object.getType());
        boolean tls = type.equals(TLS_SECRET);
        return new SecretObject(
                namespace(object),
                orEmpty(object.getMetadata().getName()),
                type,
                tls ? text(object, "tls.crt") : "",
                tls ? text(object, "tls.key") : "",
                origin);
    }

    static Meta meta(HasMetadata object, String origin) {
        ObjectMeta metadata = object.getMetadata();
        return new Meta(
                clusterScoped(object) ? "" : namespace(object),
                orEmpty(metadata.getName()),
                metadata.getGeneration() == null ? 0 : metadata.getGeneration(),
                KubernetesTime.parse(metadata.getCreationTimestamp()),
                List.of(),
                origin);
    }

    /** Notes what is set and known to nobody here. */
    static void note(List<String> unsupported, String field, @Nullable Object value) {
        if (value instanceof Map<?, ?> others) {
            others.keySet().forEach(name -> unsupported.add(field + name));
        } else if (value != null) {
            unsupported.add(field);
        }
    }

    /** Returns a list without holes, which a file may have. */
    static <T> List<T> orNone(@Nullable List<T> list) {
        return list == null ? List.of() : list.stream().filter(Objects::nonNull).toList();
    }

    static String orEmpty(@Nullable String text) {
        return text == null ? "" : text;
    }

    static String orDefault(@Nullable String text, String other) {
        return text == null ? other : text;
    }

    private static GatewayObject.Listener listener(Listener listener) {
        return new GatewayObject.Listener(
                orEmpty(listener.getName()),
                orEmpty(listener.getHostname()),
                listener.getPort() == null ? 0 : listener.getPort(),
                orEmpty(listener.getProtocol()),
                tls(listener.getTls()),
                allowed(listener.getAllowedRoutes()));
    }

    private static GatewayObject.@Nullable Tls tls(@Nullable ListenerTLSConfig tls) {
        if (tls == null) {
            return null;
        }
        List<String> unsupported = new ArrayList<>();
        note(unsupported, "tls.options.", tls.getOptions());
        note(unsupported, "tls.", tls.getAdditionalProperties());
        return new GatewayObject.Tls(
                orDefault(tls.getMode(), "Terminate"),
                orNone(tls.getCertificateRefs()).stream()
                        .map(reference -> new ObjectReference(
                                orEmpty(reference.getGroup()),
                                orDefault(reference.getKind(), "Secret"),
                                orEmpty(reference.getNamespace()),
                                orEmpty(reference.getName())))
                        .toList(),
                unsupported);
    }

    private static GatewayObject.AllowedRoutes allowed(@Nullable AllowedRoutes allowed) {
        if (allowed == null) {
            return GatewayObject.AllowedRoutes.SAME_NAMESPACE;
        }
        RouteNamespaces namespaces = allowed.getNamespaces();
        return new GatewayObject.AllowedRoutes(
                namespaces == null ? "Same" : orDefault(namespaces.getFrom(), "Same"),
                namespaces == null ? null : selector(namespaces.getSelector()),
                orNone(allowed.getKinds()).stream()
                        .map(kind ->
                                new GatewayObject.RouteKind(orDefault(kind.getGroup(), GROUP), orEmpty(kind.getKind())))
                        .toList());
    }

    private static GatewayObject.@Nullable Selector selector(@Nullable LabelSelector selector) {
        if (selector == null) {
            return null;
        }
        Map<String, String> labels = selector.getMatchLabels();
        return new GatewayObject.Selector(
                labels == null ? Map.of() : withoutNulls(labels),
                orNone(selector.getMatchExpressions()).stream()
                        .map(requirement -> new GatewayObject.Requirement(
                                orEmpty(requirement.getKey()),
                                orEmpty(requirement.getOperator()),
                                orNone(requirement.getValues())))
                        .toList());
    }

    private static String parameters(@Nullable ParametersReference reference) {
        return reference == null
                ? ""
                : orEmpty(reference.getGroup()) + "/" + orEmpty(reference.getKind()) + " "
                        + (reference.getNamespace() == null ? "" : reference.getNamespace() + "/")
                        + orEmpty(reference.getName());
    }

    /** Returns what is under the key; empty where there is nothing that can be used. The exception would say what it has read. */
    private static String text(Secret secret, String key) {
        Map<String, String> plain = secret.getStringData();
        Map<String, String> data = secret.getData();
        String text = plain == null ? null : plain.get(key);
        if (text == null && data != null && data.get(key) != null) {
            try {
                text = new String(Base64.getMimeDecoder().decode(data.get(key)), StandardCharsets.US_ASCII);
            } catch (IllegalArgumentException e) {
                return "";
            }
        }
        return text == null || text.length() > MAX_PEM_CHARS ? "" : text;
    }

    private static Map<String, String> withoutNulls(Map<String, String> labels) {
        Map<String, String> all = new LinkedHashMap<>(labels);
        all.replaceAll((name, value) -> orEmpty(value));
        return all;
    }

    private static boolean clusterScoped(HasMetadata object) {
        return object instanceof GatewayClass;
    }

    private static String namespace(HasMetadata object) {
        return orDefault(object.getMetadata().getNamespace(), "default");
    }
}
