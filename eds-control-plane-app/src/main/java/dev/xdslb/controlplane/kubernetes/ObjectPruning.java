/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.kubernetes;

import com.google.common.net.InetAddresses;
import dev.xdslb.controlplane.topology.AddressFamily;
import dev.xdslb.controlplane.topology.NodeObject;
import dev.xdslb.controlplane.topology.PodObject;
import dev.xdslb.controlplane.topology.ServiceKey;
import dev.xdslb.controlplane.topology.ServiceObject;
import dev.xdslb.controlplane.topology.ServicePort;
import dev.xdslb.controlplane.topology.SliceObject;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.ObjectReference;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodIP;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.PodStatus;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceSpec;
import io.fabric8.kubernetes.api.model.discovery.v1.Endpoint;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointConditions;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointPort;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Keeps of a Kubernetes object what the topology needs, with Kubernetes' defaults filled in. */
public final class ObjectPruning {

    /** When the Pod or Service changed that the slice was written for. Source: the SLI of network programming latency. */
    private static final String TRIGGER_TIME = "endpoints.kubernetes.io/last-change-trigger-time";

    private static final String SERVICE_NAME = "kubernetes.io/service-name";
    private static final String IMPORTED_SERVICE_NAME = "multicluster.kubernetes.io/service-name";

    private static final String ZONE = "topology.kubernetes.io/zone";
    private static final String REGION = "topology.kubernetes.io/region";
    private static final String LEGACY_ZONE = "failure-domain.beta.kubernetes.io/zone";
    private static final String LEGACY_REGION = "failure-domain.beta.kubernetes.io/region";

    private static final String WEIGHT = "xdslb.dev/weight";
    private static final String SHARD = "xdslb.dev/shard";

    private static final Set<String> ENDED = Set.of("Succeeded", "Failed");

    private static final String TCP = "TCP";
    private static final String EXTERNAL_NAME = "ExternalName";

    private final List<String> travellingLabels;

    /** Creates a pruning that keeps these labels of a pod. */
    public ObjectPruning(List<String> travellingLabels) {
        this.travellingLabels = List.copyOf(travellingLabels);
    }

    public ServiceObject prune(Service service, String origin) {
        var spec = service.getSpec();
        boolean external = spec != null && EXTERNAL_NAME.equals(spec.getType());
        List<AddressFamily> families = spec == null
                ? List.of()
                : orNone(spec.getIpFamilies()).stream()
                        .map(ObjectPruning::family)
                        .toList();
        List<ServicePort> ports = spec == null
                ? List.of()
                : orNone(spec.getPorts()).stream()
                        .filter(port -> isTcp(port.getProtocol()) && port.getPort() != null)
                        .filter(port -> ServicePort.isNumber(port.getPort()))
                        .map(port -> {
                            String name = orEmpty(port.getName());
                            return new ServicePort(
                                    name, port.getPort(), PortProtocol.isHttp2(name, port.getAppProtocol()));
                        })
                        .toList();
        PolicyAnnotations.Read annotations =
                PolicyAnnotations.read(service.getMetadata().getAnnotations());
        TrafficPolicy traffic = TrafficPolicy.read(spec);
        return new ServiceObject(
                new ServiceKey(namespace(service), name(service)),
                external ? orEmpty(spec.getExternalName()) : "",
                families,
                ports,
                traffic.over(annotations.policy()),
                Stream.of(annotations.problems(), unusablePorts(spec), traffic.problems())
                        .flatMap(List::stream)
                        .toList(),
                origin);
    }

    public SliceObject prune(EndpointSlice slice, String origin) {
        return new SliceObject(
                namespace(slice),
                name(slice),
                label(slice, SERVICE_NAME),
                !label(slice, IMPORTED_SERVICE_NAME).isEmpty(),
                family(orEmpty(slice.getAddressType())),
                orNone(slice.getPorts()).stream()
                        .filter(port -> isTcp(port.getProtocol()))
                        .map(ObjectPruning::port)
                        .toList(),
                orNone(slice.getEndpoints()).stream()
                        .map(ObjectPruning::endpoint)
                        .toList(),
                origin,
                KubernetesTime.parse(annotation(slice, TRIGGER_TIME)));
    }

    public NodeObject prune(Node node) {
        return new NodeObject(name(node), firstLabel(node, REGION, LEGACY_REGION), firstLabel(node, ZONE, LEGACY_ZONE));
    }

    public PodObject prune(Pod pod, String origin) {
        Map<String, String> labels = new LinkedHashMap<>();
        for (String key : travellingLabels) {
            String value = labels(pod).get(key);
            if (value != null) {
                labels.put(key, value);
            }
        }
        int weight = 1;
        String problem = "";
        String text = annotationOrLabel(pod, WEIGHT);
        if (!text.isEmpty()) {
            Integer given = weight(text);
            if (given == null) {
                problem = WEIGHT + " is \"" + text + "\" (expected: a whole number from 1 to " + PodObject.MAX_WEIGHT
                        + "); weight 1 is used";
            } else {
                weight = given;
            }
        }
        PodReadiness readiness = PodReadiness.of(pod);
        return new PodObject(
                namespace(pod),
                name(pod),
                orEmpty(pod.getMetadata().getUid()),
                weight,
                annotationOrLabel(pod, SHARD),
                readiness.readySince(),
                readiness.unheardSince(),
                labels,
                location(pod),
                problem,
                origin);
    }

    private static List<String> unusablePorts(@Nullable ServiceSpec spec) {
        List<String> problems = new ArrayList<>();
        for (var port :
                spec == null ? List.<io.fabric8.kubernetes.api.model.ServicePort>of() : orNone(spec.getPorts())) {
            if (port.getPort() != null && !ServicePort.isNumber(port.getPort())) {
                problems.add("port \"" + orEmpty(port.getName()) + "\" is " + port.getPort() + " (expected: 1 to "
                        + ServicePort.MAX_NUMBER + ")");
            }
        }
        return problems;
    }

    private static PodObject.Location location(Pod pod) {
        PodSpec spec = pod.getSpec();
        return new PodObject.Location(
                spec == null ? "" : orEmpty(spec.getNodeName()),
                firstLabel(pod, REGION, LEGACY_REGION),
                firstLabel(pod, ZONE, LEGACY_ZONE),
                addresses(pod),
                spec != null && Boolean.TRUE.equals(spec.getHostNetwork()));
    }

    /** A pod that has ended keeps its addresses in its status, though another one may have them by then. */
    private static List<String> addresses(Pod pod) {
        PodStatus status = pod.getStatus();
        if (status == null || ENDED.contains(orEmpty(status.getPhase()))) {
            return List.of();
        }
        return Stream.concat(
                        Stream.ofNullable(status.getPodIP()),
                        orNone(status.getPodIPs()).stream().map(PodIP::getIp))
                .filter(address -> address != null && InetAddresses.isInetAddress(address))
                .map(address -> InetAddresses.toAddrString(InetAddresses.forString(address)))
                .distinct()
                .toList();
    }

    private static SliceObject.Port port(EndpointPort port) {
        return new SliceObject.Port(orEmpty(port.getName()), port.getPort());
    }

    private static SliceObject.Endpoint endpoint(Endpoint endpoint) {
        EndpointConditions conditions =
                Objects.requireNonNullElseGet(endpoint.getConditions(), EndpointConditions::new);
        ObjectReference target = endpoint.getTargetRef();
        boolean pod = target != null && "Pod".equals(target.getKind());
        return new SliceObject.Endpoint(
                orNone(endpoint.getAddresses()),
                !Boolean.FALSE.equals(conditions.getReady()),
                !Boolean.FALSE.equals(conditions.getServing()),
                Boolean.TRUE.equals(conditions.getTerminating()),
                orEmpty(endpoint.getZone()),
                orEmpty(endpoint.getNodeName()),
                pod ? orEmpty(target.getName()) : "",
                pod ? orEmpty(target.getUid()) : "");
    }

    private static AddressFamily family(String name) {
        return switch (name.toLowerCase(Locale.ROOT)) {
            case "ipv6" -> AddressFamily.IPV6;
            case "fqdn" -> AddressFamily.FQDN;
            default -> AddressFamily.IPV4;
        };
    }

    private static @Nullable Integer weight(String text) {
        try {
            int weight = Integer.parseInt(text);
            return weight >= 1 && weight <= PodObject.MAX_WEIGHT ? weight : null;
        } catch (NumberFormatException e) {
            return null;
        }
    }

    /** The API server writes an empty list as null in some places, which the client then hands on. */
    private static <T> List<T> orNone(@Nullable List<T> list) {
        return list == null ? List.of() : list;
    }

    private static boolean isTcp(@Nullable String protocol) {
        return protocol == null || protocol.equals(TCP);
    }

    private static @Nullable String annotation(HasMetadata object, String key) {
        Map<String, String> annotations = object.getMetadata().getAnnotations();
        return annotations == null ? null : annotations.get(key);
    }

    private static String annotationOrLabel(HasMetadata object, String key) {
        String annotation = annotation(object, key);
        return annotation != null ? annotation : label(object, key);
    }

    private static String firstLabel(HasMetadata object, String key, String legacyKey) {
        String value = label(object, key);
        return value.isEmpty() ? label(object, legacyKey) : value;
    }

    private static String label(HasMetadata object, String key) {
        return labels(object).getOrDefault(key, "");
    }

    private static Map<String, String> labels(HasMetadata object) {
        Map<String, String> labels = object.getMetadata().getLabels();
        return labels == null ? Map.of() : labels;
    }

    private static String namespace(HasMetadata object) {
        ObjectMeta metadata = object.getMetadata();
        return metadata.getNamespace() == null ? "default" : metadata.getNamespace();
    }

    private static String name(HasMetadata object) {
        return orEmpty(object.getMetadata().getName());
    }

    private static String orEmpty(@Nullable String text) {
        return text == null ? "" : text;
    }
}
