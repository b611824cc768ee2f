/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.kubernetes;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.google.common.net.InetAddresses;
import dev.xdslb.controlplane.fault.Faults;
import dev.xdslb.controlplane.gateway.GatewayKey;
import dev.xdslb.controlplane.gateway.GatewayObject;
import dev.xdslb.controlplane.topology.ClusterFeed;
import dev.xdslb.controlplane.topology.ObjectId;
import dev.xdslb.controlplane.topology.TopologyChange;
import dev.xdslb.controlplane.topology.TopologyObject;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.GRPCRoute;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.Gateway;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.GatewayClass;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.HTTPRoute;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What an {@link InformerSource} does with the objects of the Gateway API: hands them on pruned, tells the {@link StatusWriter} what
 * they show, and the {@link SecretWatches} which Secrets they name.
 *
 * <p>Called by the informers' threads; started and closed by one.
 */
final class GatewaySource implements ClusterFeed, AutoCloseable {
    /** For how long a Gateway stays as it was while Secrets that it names now are not known. */
    static final Duration MAX_HELD = Duration.ofSeconds(10);

    private final ClusterFeed feed;
    private final SecretWatches secrets;
    private final @Nullable StatusWriter statuses; // null where none are written
    private final KubernetesSerialization serialization;
    private final LongSupplier nanoClock;
    private final Set<ObjectId> submitted = new HashSet<>(); // the Gateways; guarded by this, as the next
    private final Map<ObjectId, Held> held = new LinkedHashMap<>();

    /** A Gateway that names Secrets which are not known yet. */
    private record Held(TopologyChange.Upsert change, GatewayKey gateway, long since) {}

    GatewaySource(
            GatewayApi settings,
            KubernetesClient client,
            ClusterFeed feed,
            SecretWatches secrets,
            BooleanSupplier complete,
            Faults faults,
            LongSupplier nanoClock) {
        this.nanoClock = nanoClock;
        this.feed = feed;
        this.secrets = secrets;
        this.serialization = client.getKubernetesSerialization();
        this.statuses = settings.writesStatus()
                ? new StatusWriter(
                        new StatusApi(client),
                        settings.gateways()::status,
                        () -> settings.synced().getAsBoolean()
                                && complete.getAsBoolean()
                                && settings.gateways().isComplete(),
                        addresses(settings.addresses()),
                        faults,
                        InstantSource.system(),
                        System::nanoTime,
                        new SplittableRandom(),
                        settings.signals())
                : null;
        if (statuses != null) {
            settings.gateways().addListener(statuses);
        }
    }

    void start() {
        if (statuses != null) {
            statuses.start();
        }
    }

    @Override
    public void close() {
        if (statuses != null) {
            statuses.close();
        }
    }

    TopologyObject prune(GatewayClass object) {
        return shown(object, object.getStatus(), GatewayPruning.prune(object, ""));
    }

    TopologyObject prune(Gateway object) {
        return shown(object, object.getStatus(), GatewayPruning.prune(object, ""));
    }

    TopologyObject prune(HTTPRoute object) {
        return shown(object, object.getStatus(), RoutePruning.prune(object, ""));
    }

    TopologyObject prune(GRPCRoute object) {
        return shown(object, object.getStatus(), RoutePruning.prune(object, ""));
    }

    private TopologyObject shown(HasMetadata object, @Nullable Object status, TopologyObject pruned) {
        if (statuses != null) {
            JsonNode tree = status == null
                    ? JsonNodeFactory.instance.objectNode()
                    : serialization.convertValue(status, JsonNode.class);
            Long generation = object.getMetadata().getGeneration();
            statuses.shows(
                    pruned.id(),
                    new StatusWriter.Shown(
                            GatewayPruning.orEmpty(object.getMetadata().getResourceVersion()),
                            generation == null ? 0 : generation,
                            tree));
        }
        return pruned;
    }

    /**
     * Hands a change on. A Gateway that names another Secret stays as it was until that is known: its port would be closed
     * meanwhile. One that is new does not wait, as it has nothing to lose.
     */
    @Override
    public void submit(TopologyChange change) {
        synchronized (this) {
            if (change instanceof TopologyChange.Upsert upsert && upsert.object() instanceof GatewayObject gateway) {
                GatewayKey key = new GatewayKey(
                        gateway.meta().namespace(), gateway.meta().name());
                secrets.look(gateway);
                Held before = held.remove(gateway.id());
                if (!submitted.add(gateway.id()) && !secrets.areSettled(key)) {
                    held.put(
                            gateway.id(),
                            new Held(upsert, key, before == null ? nanoClock.getAsLong() : before.since()));
                    return;
                }
            } else if (change instanceof TopologyChange.Remove remove) {
                held.remove(remove.id());
                submitted.remove(remove.id());
            }
            feed.submit(change);
        }
        if (change instanceof TopologyChange.Remove remove) {
            if (remove.id().kind() == ObjectId.Kind.GATEWAY) {
                secrets.gone(new GatewayKey(remove.id().namespace(), remove.id().name()));
            }
            if (statuses != null) {
                statuses.gone(remove.id());
            }
        }
    }

    /** Hands on what waits no more, and takes back the Secrets that nothing names any more. */
    void look(long now) {
        synchronized (this) {
            held.values().removeIf(waiting -> {
                boolean over = secrets.areSettled(waiting.gateway()) || now - waiting.since() >= MAX_HELD.toNanos();
                if (over) {
                    feed.submit(waiting.change());
                }
                return over;
            });
            if (held.isEmpty()) {
                secrets.forgetUnwanted();
            }
        }
    }

    @Override
    public void heard() {
        feed.heard();
    }

    @Override
    public void lost(String problem) {
        feed.lost(problem);
    }

    private static Map<GatewayKey, List<StatusMerge.Address>> addresses(Map<GatewayKey, List<String>> texts) {
        Map<GatewayKey, List<StatusMerge.Address>> addresses = new HashMap<>();
        texts.forEach((gateway, all) -> addresses.put(
                gateway,
                all.stream()
                        .map(text -> new StatusMerge.Address(
                                InetAddresses.isInetAddress(text) ? "IPAddress" : "Hostname", text))
                        .toList()));
        return addresses;
    }
}
