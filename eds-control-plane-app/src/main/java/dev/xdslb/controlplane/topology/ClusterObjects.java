/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.topology;

import dev.xdslb.controlplane.fault.FaultBoundary;
import java.time.Instant;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The objects of one Kubernetes cluster, indexed so that a change finds the services that it touches without a search.
 * Confined to the writer thread.
 */
final class ClusterObjects {

    private final Map<ObjectId, TopologyObject> objects = new HashMap<>();

    /** Sorted by the slices' names, so that every replica walks through them in the same order. */
    private final Map<ServiceKey, TreeMap<String, SliceObject>> slicesByService = new HashMap<>();

    /** From a Pod or Node to the services that have an endpoint there, and by how many slices; also before it exists. */
    private final Map<ObjectId, Map<ServiceKey, Integer>> servicesByReference = new HashMap<>();

    private final Map<String, Set<PodKey>> podsByNode = new HashMap<>();

    /** Nodes that were deleted, and have endpoints still: these do not move to another region by that. */
    private final Map<String, NodeObject> goneNodes = new HashMap<>();

    private final ZoneRegions zoneRegions = new ZoneRegions();

    /** Slices that belong to no service. */
    private final Map<ObjectId, SkippedObject> unassigned =
            new TreeMap<>((a, b) -> a.toString().compareTo(b.toString()));

    /** Objects that do not count. */
    private final Map<ObjectId, SkippedObject> uncounted =
            new TreeMap<>((a, b) -> a.toString().compareTo(b.toString()));

    private List<SkippedObject> skippedBySource = List.of();

    /** Why nothing is known yet of some objects; empty texts while they are being read. */
    private final SortedMap<ObjectScope, String> unlisted = new TreeMap<>();

    private final MassNotReady massNotReady;
    private final UnheardPods unheard;

    private boolean whole; // what belongs together comes together, as from files

    ClusterObjects() {
        this(MassNotReady.DEFAULT);
    }

    ClusterObjects(MassNotReady massNotReady) {
        this.massNotReady = massNotReady;
        this.unheard = new UnheardPods(massNotReady);
    }

    /** Applies it and adds the services and pods that may look different now to {@code touched}. */
    void apply(TopologyChange change, Touched touched) {
        if (change instanceof TopologyChange.Upsert upsert) {
            whole = false;
            put(upsert.object(), touched);
        } else if (change instanceof TopologyChange.Remove remove) {
            remove(remove.id(), touched);
        } else if (change instanceof TopologyChange.Unlisted some) {
            unlisted.put(some.objects(), some.reason());
            touched.setListing(true);
        } else if (change instanceof TopologyChange.Listed some) {
            unlisted.remove(some.objects());
            touched.setListing(true);
        } else if (change instanceof TopologyChange.Replace replace) {
            whole = true;
            Set<ObjectId> gone = new HashSet<>(objects.keySet());
            for (TopologyObject object : replace.objects()) {
                gone.remove(object.id());
                put(object, touched);
            }
            gone.forEach(id -> remove(id, touched));
            skippedBySource = replace.skipped();
        }
        goneNodes.keySet().removeIf(name -> !servicesByReference.containsKey(ObjectId.node(name)));
    }

    /**
     * Returns the same objects with all that is known of them made anew.
     *
     * @param changes those that failed in the middle: where the present object is older, it is replaced
     */
    ClusterObjects mended(List<TopologyChange> changes, FaultBoundary boundary) {
        ClusterObjects mended = new ClusterObjects(massNotReady);
        mended.skippedBySource = skippedBySource;
        mended.whole = whole;
        mended.goneNodes.putAll(goneNodes);
        mended.unlisted.putAll(unlisted);
        Touched unused = new Touched();
        for (TopologyObject object : objects.values()) {
            boundary.run(object.id(), () -> mended.put(object, unused));
        }
        for (TopologyChange change : changes) {
            if (change instanceof TopologyChange.Replace) {
                boundary.run("a list of all objects", () -> mended.apply(change, unused));
            }
        }
        return mended;
    }

    /** Adds everything that is made of any of the objects. */
    void touchAll(Touched touched) {
        objects.values().forEach(object -> touch(object, touched));
        touched.services().addAll(slicesByService.keySet());
        touched.setListing(true);
    }

    /** Returns of which objects nothing is known yet, and why. */
    SortedMap<ObjectScope, String> unlisted() {
        return Collections.unmodifiableSortedMap(unlisted);
    }

    int size() {
        return objects.size();
    }

    /** Returns whether nothing that belongs to an object can be on its way still. */
    boolean isWhole() {
        return whole;
    }

    UnheardPods unheard() {
        return unheard;
    }

    /** Looks which pods are to be served as ready, and adds the services of those of which something else is to be said. */
    void lookAtUnheard(Instant now, Touched touched) {
        for (PodKey pod : unheard.look(now)) {
            touched.services().addAll(servicesOf(pod));
        }
    }

    @Nullable
    ServiceObject service(ServiceKey key) {
        return (ServiceObject) objects.get(ObjectId.service(key.namespace(), key.name()));
    }

    Collection<SliceObject> slicesOf(ServiceKey key) {
        TreeMap<String, SliceObject> slices = slicesByService.get(key);
        return slices == null ? List.of() : Collections.unmodifiableCollection(slices.values());
    }

    @Nullable
    NodeObject node(String name) {
        NodeObject present = (NodeObject) objects.get(ObjectId.node(name));
        return present == null ? goneNodes.get(name) : present;
    }

    /** Returns the region of a zone, for what is on a Node that is not known; empty when unknown. */
    String regionOf(String zone) {
        return zone.isEmpty() ? "" : zoneRegions.regionOf(zone);
    }

    @Nullable
    PodObject pod(PodKey key) {
        return (PodObject) objects.get(ObjectId.pod(key.namespace(), key.name()));
    }

    @Nullable
    RoutingObject routing(ObjectId id) {
        return objects.get(id) instanceof RoutingObject present ? present : null;
    }

    /** Returns the services with an endpoint that refers to this pod, in no particular order. */
    Set<ServiceKey> servicesOf(PodKey key) {
        return servicesByReference
                .getOrDefault(ObjectId.pod(key.namespace(), key.name()), Map.of())
                .keySet();
    }

    /**
     * Returns the pod that an endpoint refers to. A pod with another uid has only inherited the name (and maybe the
     * address), so it says nothing about this endpoint.
     */
    @Nullable
    PodObject podOf(String namespace, SliceObject.Endpoint endpoint) {
        if (endpoint.podName().isEmpty()) {
            return null;
        }
        PodObject pod = (PodObject) objects.get(ObjectId.pod(namespace, endpoint.podName()));
        boolean same =
                pod != null && (endpoint.podUid().isEmpty() || endpoint.podUid().equals(pod.uid()));
        return same ? pod : null;
    }

    /** Returns what is served under no service at all. */
    Set<SkippedObject> skipped() {
        Set<SkippedObject> all = new LinkedHashSet<>(skippedBySource);
        all.addAll(unassigned.values());
        unlisted.forEach((objects, reason) -> {
            if (!reason.isEmpty()) {
                all.add(new SkippedObject(
                        objects.toString(), reason + "; what depends on them is as it was until they are"));
            }
        });
        return all;
    }

    /** Returns what is there and does not count. */
    Collection<SkippedObject> uncounted() {
        return Collections.unmodifiableCollection(uncounted.values());
    }

    private void put(TopologyObject object, Touched touched) {
        TopologyObject before = objects.put(object.id(), object);
        if (object.equals(before)) {
            return;
        }
        if (before != null) {
            forget(before, touched);
        }
        if (object instanceof NodeObject node) {
            goneNodes.remove(node.name());
            if (zoneRegions.add(node)) {
                touchUnknownNodes(touched);
            }
        }
        if (object instanceof SliceObject slice) {
            assign(slice, touched);
            noteTrigger(slice, before, touched);
        } else if (object instanceof UncountedObject some) {
            uncounted.put(some.id(), SkippedObject.of(some, some.reason()));
        } else {
            if (object instanceof PodObject pod) {
                unheard.add(pod);
                if (!pod.location().nodeName().isEmpty()) {
                    podsByNode
                            .computeIfAbsent(pod.location().nodeName(), node -> new HashSet<>())
                            .add(pod.key());
                }
            }
            touch(object, touched);
        }
    }

    /** A time that the slice had already is that of an earlier change. */
    private static void noteTrigger(SliceObject slice, @Nullable TopologyObject before, Touched touched) {
        Instant triggered = slice.triggeredAt();
        boolean isNew = !(before instanceof SliceObject old) || !Objects.equals(triggered, old.triggeredAt());
        if (triggered != null && isNew && touched.services().contains(slice.service())) {
            touched.began(slice.service(), triggered);
        }
    }

    private void remove(ObjectId id, Touched touched) {
        TopologyObject before = objects.remove(id);
        if (before instanceof NodeObject node && servicesByReference.containsKey(id)) {
            goneNodes.put(node.name(), node);
        }
        if (before != null) {
            forget(before, touched);
        }
    }

    private void forget(TopologyObject before, Touched touched) {
        if (before instanceof SliceObject slice) {
            unassign(slice, touched);
        } else if (before instanceof UncountedObject) {
            uncounted.remove(before.id());
        } else {
            if (before instanceof PodObject pod) {
                unheard.remove(pod);
                podsByNode.computeIfPresent(pod.location().nodeName(), (node, pods) -> {
                    pods.remove(pod.key());
                    return pods.isEmpty() ? null : pods;
                });
            }
            if (before instanceof NodeObject node && zoneRegions.remove(node)) {
                touchUnknownNodes(touched);
            }
            touch(before, touched);
        }
    }

    /** Touches what is on a Node that there is not: its region is that of others. */
    private void touchUnknownNodes(Touched touched) {
        servicesByReference.forEach((reference, services) -> {
            if (reference.kind() == ObjectId.Kind.NODE && !objects.containsKey(reference)) {
                touched.services().addAll(services.keySet());
            }
        });
        podsByNode.forEach((node, pods) -> {
            if (!objects.containsKey(ObjectId.node(node))) {
                touched.pods().addAll(pods);
            }
        });
    }

    private void touch(TopologyObject object, Touched touched) {
        if (object instanceof UncountedObject) {
            return;
        }
        if (object instanceof RoutingObject) {
            touched.routing().add(object.id());
            return;
        }
        if (object instanceof ServiceObject service) {
            touched.services().add(service.key());
            slicesOf(service.key()).forEach(slice -> touchPods(slice, touched));
            return;
        }
        touched.services()
                .addAll(servicesByReference.getOrDefault(object.id(), Map.of()).keySet());
        if (object instanceof PodObject pod) {
            touched.pods().add(pod.key());
        } else if (object instanceof NodeObject node) {
            touched.pods().addAll(podsByNode.getOrDefault(node.name(), Set.of()));
        }
    }

    private void assign(SliceObject slice, Touched touched) {
        if (slice.imported()) {
            unassigned.put(slice.id(), SkippedObject.of(slice, "describes a service of another cluster"));
            return;
        }
        if (slice.serviceName().isEmpty()) {
            unassigned.put(
                    slice.id(),
                    SkippedObject.of(
                            slice,
                            "no label kubernetes.io/service-name (expected: the name of the Service it belongs to)"));
            return;
        }
        ServiceKey key = slice.service();
        slicesByService.computeIfAbsent(key, k -> new TreeMap<>()).put(slice.name(), slice);
        for (ObjectId reference : references(slice)) {
            servicesByReference.computeIfAbsent(reference, k -> new HashMap<>()).merge(key, 1, Integer::sum);
        }
        touched.services().add(key);
        touchPods(slice, touched);
    }

    private void unassign(SliceObject slice, Touched touched) {
        if (unassigned.remove(slice.id()) != null) {
            return;
        }
        ServiceKey key = slice.service();
        slicesByService.computeIfPresent(key, (k, slices) -> {
            slices.remove(slice.name());
            return slices.isEmpty() ? null : slices;
        });
        for (ObjectId reference : references(slice)) {
            servicesByReference.computeIfPresent(reference, (id, services) -> {
                services.computeIfPresent(key, (k, count) -> count == 1 ? null : count - 1);
                return services.isEmpty() ? null : services;
            });
        }
        touched.services().add(key);
        touchPods(slice, touched);
    }

    private static void touchPods(SliceObject slice, Touched touched) {
        for (SliceObject.Endpoint endpoint : slice.endpoints()) {
            if (!endpoint.podName().isEmpty()) {
                touched.pods().add(new PodKey(slice.namespace(), endpoint.podName()));
            }
        }
    }

    private static Set<ObjectId> references(SliceObject slice) {
        Set<ObjectId> references = new HashSet<>();
        for (SliceObject.Endpoint endpoint : slice.endpoints()) {
            if (!endpoint.podName().isEmpty()) {
                references.add(ObjectId.pod(slice.namespace(), endpoint.podName()));
            }
            if (!endpoint.nodeName().isEmpty()) {
                references.add(ObjectId.node(endpoint.nodeName()));
            }
        }
        return references;
    }
}
