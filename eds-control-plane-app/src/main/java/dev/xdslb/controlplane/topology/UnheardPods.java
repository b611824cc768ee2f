/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.topology;

import dev.xdslb.controlplane.topology.Disruptions.Loss;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The pods of one Kubernetes cluster that it takes for not ready because it hears nothing of their kubelets, and which of
 * them are served as ready still. A Node that is missed for 50 s has its pods marked so. Where that is one Node, it is
 * most likely dead. Where it is most of them at once, they most likely cannot reach the API server, and serve on.
 *
 * <p>The mark is told from a kubelet's word by the pod alone: a kubelet that finds a pod not ready says so of its
 * containers, too. So a replica that starts in the middle of it knows as much as the others, and nothing ends when the
 * Nodes are back and their kubelets have not looked at their pods yet.
 *
 * <p>What is held stays so until its own kubelet is heard or the hold is over: while the Nodes come back, the pods that are
 * still missed are no mass any more. Nothing tells afterwards that a pod was missed, since its kubelet says the ready time
 * of before. So a replica that starts at that time may hold fewer of them.
 *
 * <p>Confined to the writer thread.
 */
final class UnheardPods {
    private static final int NODES = 2; // one that dies may have all pods of a service, or most of a small cluster
    private static final int ONLY_NODE = 1; // nothing else is ready that could be used instead

    private final MassNotReady settings;
    private final Map<PodKey, PodObject> unheard = new HashMap<>();
    private final Map<PodKey, Instant> held = new HashMap<>(); // with when they were lost
    private int ready; // pods
    private Disruptions disruptions = Disruptions.NONE; // of the cluster
    private Instant asOf = Instant.MIN;
    private Instant nextOver = Instant.MAX; // when time alone changes something
    private boolean dirty;

    UnheardPods(MassNotReady settings) {
        this.settings = settings;
    }

    void add(PodObject pod) {
        dirty = true;
        if (pod.unheardSince() != null) {
            unheard.put(pod.key(), pod);
        } else if (pod.readySince() != null) {
            ready++;
        }
    }

    void remove(PodObject pod) {
        dirty = true;
        if (pod.unheardSince() != null) {
            unheard.remove(pod.key());
        } else if (pod.readySince() != null) {
            ready--;
        }
    }

    boolean isEmpty() {
        return unheard.isEmpty();
    }

    /** Looks at all of them anew, and returns those of which something else is to be said now. */
    Collection<PodKey> look(Instant now) {
        if (!dirty && now.isBefore(nextOver)) {
            return List.of(); // there may be 50,000 of them
        }
        dirty = false;
        disruptions = Disruptions.of(ready, losses(unheard.values(), now), ready == 0 ? ONLY_NODE : NODES, settings);
        held.entrySet().removeIf(entry -> !isStillMissed(entry.getKey(), entry.getValue(), now));
        Set<PodKey> changed = new HashSet<>();
        Instant next = Instant.MAX;
        for (Map.Entry<PodKey, PodObject> entry : unheard.entrySet()) {
            PodKey pod = entry.getKey();
            Instant since = entry.getValue().unheardSince();
            if (since == null) {
                continue;
            }
            boolean over = isOver(since, now);
            Instant end = since.plus(settings.hold());
            if (!over && end.isBefore(next)) {
                next = end;
            }
            boolean joins = !over && disruptions.cover(since) && !since.equals(held.put(pod, since));
            if (joins || over != isOver(since, asOf)) {
                changed.add(pod);
            }
        }
        nextOver = next;
        asOf = now;
        return changed;
    }

    /**
     * Returns the losses of a service that are too many for it alone.
     *
     * @param pods those of its endpoints that are not ready, each once
     * @param readyOnes how many of its endpoints are ready
     */
    Disruptions ofService(Collection<PodObject> pods, int readyOnes) {
        return Disruptions.of(readyOnes, losses(pods, asOf), NODES, settings);
    }

    /**
     * Returns whether a pod is served as ready, from now on until it is heard.
     *
     * @param ofService what {@link #ofService} says of the service
     */
    boolean isHeld(PodObject pod, Disruptions ofService) {
        Instant since = pod.unheardSince();
        if (since == null || isOver(since, asOf)) {
            return false;
        }
        if (disruptions.cover(since) || ofService.cover(since)) {
            held.put(pod.key(), since);
        }
        return since.equals(held.get(pod.key()));
    }

    private List<Loss> losses(Collection<PodObject> pods, Instant now) {
        List<Loss> losses = new ArrayList<>();
        for (PodObject pod : pods) {
            Instant since = pod.unheardSince();
            if (since != null && !isOver(since, now)) {
                losses.add(new Loss(since, pod.location().nodeName()));
            }
        }
        return losses;
    }

    private boolean isStillMissed(PodKey key, Instant since, Instant now) {
        PodObject pod = unheard.get(key);
        return pod != null && since.equals(pod.unheardSince()) && !isOver(since, now);
    }

    private boolean isOver(Instant since, Instant now) {
        return !now.isBefore(since.plus(settings.hold()));
    }
}
