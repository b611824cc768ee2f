/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.kubernetes;

import dev.xdslb.controlplane.gateway.GatewayClassObject;
import dev.xdslb.controlplane.gateway.GatewayObject;
import dev.xdslb.controlplane.gateway.ObjectStatus;
import dev.xdslb.controlplane.topology.ClusterFeed;
import dev.xdslb.controlplane.topology.ObjectId;
import dev.xdslb.controlplane.topology.TopologyChange;
import dev.xdslb.controlplane.topology.UncountedObject;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.Gateway;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.GatewayBuilder;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The Gateways of our class in a further Kubernetes cluster. They do not count, as those of the own cluster do; whoever has made one
 * by the same manifests in each cluster may not know that. One that somebody has accepted has a control plane of its own.
 *
 * <p>The informers' threads tell; the monitor's thread looks.
 */
final class ForeignGateways implements ClusterFeed {
    /** In which a control plane of that cluster accepts a Gateway that is new. */
    static final Duration ACCEPTED_WITHIN = Duration.ofSeconds(30);

    static final String REASON = "GatewayOfAnotherCluster";

    private final String own;
    private final ClusterFeed feed;
    private final @Nullable AnnotationEvents events; // null where none are written
    private final Map<String, String> controllers = new HashMap<>(); // by class; guarded by this, as the next
    private final Map<ObjectId, Seen> gateways = new HashMap<>();
    private final Set<ObjectId> said = new HashSet<>();

    /**
     * A Gateway.
     *
     * @param stub what an Event on it needs
     * @param since when it was first seen so, in the monitor's time; null until the monitor looks
     */
    private record Seen(
            Gateway stub,
            String className,
            boolean accepted,
            @Nullable Long since) {}

    /**
     * Creates one that has seen nothing.
     *
     * @param own the name of the cluster whose Gateways count
     */
    ForeignGateways(String own, ClusterFeed feed, @Nullable AnnotationEvents events) {
        this.own = own;
        this.feed = feed;
        this.events = events;
    }

    GatewayObject prune(Gateway object) {
        GatewayObject pruned = GatewayPruning.prune(object, "");
        boolean accepted = object.getStatus() != null
                && object.getStatus().getConditions() != null
                && object.getStatus().getConditions().stream().anyMatch(ForeignGateways::isAccepted);
        Gateway stub = new GatewayBuilder()
                .withMetadata(new ObjectMetaBuilder()
                        .withNamespace(object.getMetadata().getNamespace())
                        .withName(object.getMetadata().getName())
                        .withUid(object.getMetadata().getUid())
                        .build())
                .build();
        synchronized (this) {
            Seen before = gateways.get(pruned.id());
            gateways.put(
                    pruned.id(), new Seen(stub, pruned.className(), accepted, before == null ? null : before.since()));
        }
        return pruned;
    }

    private static boolean isAccepted(Condition condition) {
        return "Accepted".equals(condition.getType()) && "True".equals(condition.getStatus());
    }

    /** Nothing of it is handed on: what is to be said, {@link #look} says. */
    @Override
    public synchronized void submit(TopologyChange change) {
        if (change instanceof TopologyChange.Upsert upsert && upsert.object() instanceof GatewayClassObject ofClass) {
            controllers.put(ofClass.id().name(), ofClass.controllerName());
        } else if (change instanceof TopologyChange.Remove remove) {
            if (remove.id().kind() == ObjectId.Kind.GATEWAY_CLASS) {
                controllers.remove(remove.id().name());
            } else {
                gateways.remove(remove.id());
            }
        }
    }

    @Override
    public void heard() {}

    @Override
    public void lost(String problem) {}

    /** Says what has been there for a while and nobody has accepted, and takes back what is not so any more. */
    synchronized void look(long now) {
        gateways.replaceAll((id, seen) ->
                seen.since() == null ? new Seen(seen.stub(), seen.className(), seen.accepted(), now) : seen);
        gateways.forEach((id, seen) -> {
            Long since = seen.since();
            if (isNobodys(seen) && since != null && now - since >= ACCEPTED_WITHIN.toNanos() && said.add(id)) {
                String reason = "does not count, as Gateways of Kubernetes cluster " + own
                        + " alone do, whether that has one of this name or not";
                feed.submit(new TopologyChange.Upsert(new UncountedObject(id, reason)));
                if (events != null) {
                    events.look(seen.stub(), REASON, List.of(id + " " + reason));
                }
            }
        });
        said.removeIf(id -> {
            Seen seen = gateways.get(id);
            boolean over = seen == null || !isNobodys(seen);
            if (over) {
                feed.submit(new TopologyChange.Remove(id));
            }
            return over;
        });
    }

    private boolean isNobodys(Seen seen) {
        return !seen.accepted() && ObjectStatus.CONTROLLER.equals(controllers.get(seen.className()));
    }
}
