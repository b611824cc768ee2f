/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.manifests;

import com.fasterxml.jackson.databind.JsonMappingException;
import dev.xdslb.controlplane.kubernetes.GatewayPruning;
import dev.xdslb.controlplane.kubernetes.ObjectPruning;
import dev.xdslb.controlplane.kubernetes.RoutePruning;
import dev.xdslb.controlplane.kubernetes.UnknownFields;
import dev.xdslb.controlplane.topology.SkippedObject;
import dev.xdslb.controlplane.topology.TopologyObject;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.GRPCRoute;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.Gateway;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.GatewayClass;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.HTTPRoute;
import io.fabric8.kubernetes.api.model.gatewayapi.v1beta1.ReferenceGrant;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;

/** Reads the text of one file. An object that is not of a kind that is watched is skipped. */
final class ManifestParser {

    /** {@code apiVersion} and {@code kind} of what is watched. */
    private static final Map<String, Class<? extends HasMetadata>> KINDS = Map.of(
            "v1 Service", Service.class,
            "discovery.k8s.io/v1 EndpointSlice", EndpointSlice.class,
            "v1 Node", Node.class,
            "v1 Pod", Pod.class);

    /** The same of the Gateway API and of what its objects refer to. */
    private static final Map<String, Class<? extends HasMetadata>> GATEWAY_KINDS = Map.of(
            "v1 Namespace", Namespace.class,
            "v1 Secret", Secret.class,
            "gateway.networking.k8s.io/v1 GatewayClass", GatewayClass.class,
            "gateway.networking.k8s.io/v1 Gateway", Gateway.class,
            "gateway.networking.k8s.io/v1 HTTPRoute", HTTPRoute.class,
            "gateway.networking.k8s.io/v1 GRPCRoute", GRPCRoute.class,
            "gateway.networking.k8s.io/v1beta1 ReferenceGrant", ReferenceGrant.class,
            "gateway.networking.k8s.io/v1 ReferenceGrant", ReferenceGrant.class);

    private final KubernetesSerialization serialization = new KubernetesSerialization();
    private final ObjectPruning pruning;
    private final Map<String, Class<? extends HasMetadata>> kinds;

    /**
     * Creates a parser.
     *
     * @param gatewayApi whether objects of the Gateway API are read, too
     */
    ManifestParser(ObjectPruning pruning, boolean gatewayApi) {
        this.pruning = pruning;
        Map<String, Class<? extends HasMetadata>> read = new HashMap<>(KINDS);
        if (gatewayApi) {
            read.putAll(GATEWAY_KINDS);
        }
        this.kinds = Map.copyOf(read);
    }

    ManifestFile parse(Path file, String text) throws BrokenManifestException {
        return new Parsing().file(file, text);
    }

    /** A document of a file and the line on which it begins, counted from 1. */
    private record Document(int line, String text) {}

    /** A line that begins with three dashes ends a document wherever it stands; YAML allows no other meaning for it. */
    private static List<Document> documents(String text) {
        List<Document> documents = new ArrayList<>();
        List<String> lines = new ArrayList<>();
        int first = 1;
        int number = 0;
        for (String line : text.lines().toList()) {
            number++;
            if (line.equals("---") || line.startsWith("--- ") || line.startsWith("---\t")) {
                documents.add(new Document(first, String.join("\n", lines)));
                lines.clear();
                lines.add(line.substring("---".length()));
                first = number;
            } else {
                lines.add(line);
            }
        }
        documents.add(new Document(first, String.join("\n", lines)));
        return documents;
    }

    /** One pass over a file. */
    private final class Parsing {
        private final List<TopologyObject> objects = new ArrayList<>();
        private final List<SkippedObject> skipped = new ArrayList<>();

        ManifestFile file(Path file, String text) throws BrokenManifestException {
            for (Document document : documents(text)) {
                Object content;
                try {
                    content = KubernetesYaml.load(document.text());
                    BoundedContent.check(content);
                } catch (MarkedYAMLException e) {
                    int line =
                            e.getProblemMark() == null ? 0 : e.getProblemMark().getLine();
                    throw new BrokenManifestException(
                            file, document.line() + line, "is not YAML: " + e.getProblem(), e);
                } catch (YAMLException e) {
                    throw new BrokenManifestException(file, document.line(), "is not YAML: " + e.getMessage(), e);
                } catch (StackOverflowError | BoundedContent.ExceededException e) {
                    throw new BrokenManifestException(file, document.line(), BoundedContent.EXPECTED, e);
                }
                if (content != null) {
                    object(file, document.line(), content);
                }
            }
            return new ManifestFile(text, objects, skipped);
        }

        private void object(Path file, int line, Object content) throws BrokenManifestException {
            String origin = file.getFileName() + ", line " + line;
            if (!(content instanceof Map<?, ?> fields)) {
                skipped.add(
                        new SkippedObject(origin, "is no Kubernetes object (expected: apiVersion, kind, metadata)"));
                return;
            }
            String type = fields.get("apiVersion") + " " + fields.get("kind");
            if (type.equals("v1 List") && fields.get("items") instanceof List<?> items) {
                for (Object item : items) {
                    object(file, line, item);
                }
                return;
            }
            Class<? extends HasMetadata> kind = kinds.get(type);
            if (kind == null) {
                skipped.add(new SkippedObject(
                        origin,
                        fields.containsKey("kind") && fields.containsKey("apiVersion")
                                ? notUsed(type)
                                : "is no Kubernetes object (expected: apiVersion, kind, metadata)"));
                return;
            }
            HasMetadata resource = convert(file, line, fields, kind);
            if (resource.getMetadata() == null || resource.getMetadata().getName() == null) {
                skipped.add(new SkippedObject(origin, type + " without metadata.name"));
                return;
            }
            if (GATEWAY_KINDS.containsKey(type)) {
                UnknownFields.of(resource)
                        .forEach(field -> skipped.add(new SkippedObject(
                                origin,
                                type + " " + resource.getMetadata().getName()
                                        + " has a field that is not known (whether requests get an error for it is said by /debug/gateways): "
                                        + field)));
            }
            objects.add(prune(resource, origin));
        }

        private String notUsed(String type) {
            return GATEWAY_KINDS.containsKey(type)
                    ? type
                            + " is not used (expected: xds-lb.control-plane.gateway-api.enabled=true, and among the objects of"
                            + " the own Kubernetes cluster: those of a further one do not count)"
                    : type + " is not used (expected: "
                            + kinds.keySet().stream().sorted().collect(Collectors.joining(", ")) + ")";
        }

        private HasMetadata convert(Path file, int line, Map<?, ?> fields, Class<? extends HasMetadata> kind)
                throws BrokenManifestException {
            try {
                return serialization.convertValue(new HashMap<>(fields), kind);
            } catch (IllegalArgumentException e) {
                throw new BrokenManifestException(
                        file, line, "is no " + kind.getSimpleName() + ": " + reason(e.getCause(), e), e);
            }
        }

        private static String reason(@Nullable Throwable cause, IllegalArgumentException failure) {
            if (cause instanceof JsonMappingException mapping) {
                StringBuilder path = new StringBuilder();
                for (JsonMappingException.Reference step : mapping.getPath()) {
                    if (step.getFieldName() == null) {
                        path.append('[').append(step.getIndex()).append(']');
                    } else {
                        path.append(path.isEmpty() ? "" : ".").append(step.getFieldName());
                    }
                }
                return path + ": " + mapping.getOriginalMessage();
            }
            return String.valueOf(failure.getMessage());
        }

        private TopologyObject prune(HasMetadata resource, String origin) {
            if (resource instanceof Service service) {
                return pruning.prune(service, origin);
            } else if (resource instanceof EndpointSlice slice) {
                return pruning.prune(slice, origin);
            } else if (resource instanceof Pod pod) {
                return pruning.prune(pod, origin);
            } else if (resource instanceof Namespace namespace) {
                return GatewayPruning.prune(namespace, origin);
            } else if (resource instanceof Secret secret) {
                return GatewayPruning.prune(secret, origin);
            } else if (resource instanceof GatewayClass gatewayClass) {
                return GatewayPruning.prune(gatewayClass, origin);
            } else if (resource instanceof Gateway gateway) {
                return GatewayPruning.prune(gateway, origin);
            } else if (resource instanceof HTTPRoute route) {
                return RoutePruning.prune(route, origin);
            } else if (resource instanceof GRPCRoute route) {
                return RoutePruning.prune(route, origin);
            } else if (resource instanceof ReferenceGrant grant) {
                return GatewayPruning.prune(grant, origin);
            } else {
                return pruning.prune((Node) resource);
            }
        }
    }
}
