/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.ads;

import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.Struct;
import com.google.protobuf.Timestamp;
import com.google.protobuf.Value;
import io.envoyproxy.envoy.admin.v3.ClientResourceStatus;
import io.envoyproxy.envoy.admin.v3.UpdateFailureState;
import io.envoyproxy.envoy.config.core.v3.Locality;
import io.envoyproxy.envoy.config.core.v3.Node;
import io.envoyproxy.envoy.service.status.v3.ClientConfig;
import io.envoyproxy.envoy.service.status.v3.ClientConfig.GenericXdsConfig;
import io.envoyproxy.envoy.service.status.v3.ConfigStatus;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a stream's client has of each name, in the words of the client status discovery service: what was sent and how it was
 * answered. Without the contents, which would be those of now and not those that were sent. Confined to the stream's executor.
 */
final class ClientStatus {
    /** Of one part; a stream with many names has several. */
    static final int MAX_PART_BYTES = 512 * 1024;

    private final Node node;
    private final List<ClientConfig> parts = new ArrayList<>();
    private ClientConfig.Builder part;
    private int bytes;

    private ClientStatus(Client client) {
        ClientPlace place = client.variant().place();
        node = Node.newBuilder()
                .setId(client.nodeId())
                .setUserAgentName(client.userAgent())
                .setLocality(Locality.newBuilder().setRegion(place.region()).setZone(place.zone()))
                .setMetadata(Struct.newBuilder()
                        .putFields(
                                "namespace",
                                Value.newBuilder()
                                        .setStringValue(client.variant().namespace())
                                        .build()))
                .build();
        part = ClientConfig.newBuilder().setNode(node);
    }

    /** Returns the status of everything that a client has asked for, in parts of a limited size. */
    static List<ClientConfig> of(Client client, Iterable<? extends Subscription<?>> subscriptions) {
        ClientStatus status = new ClientStatus(client);
        for (Subscription<?> subscription : subscriptions) {
            for (SubscribedName name : subscription.names.all()) {
                status.add(config(subscription, name));
            }
        }
        status.parts.add(status.part.build());
        return status.parts;
    }

    private void add(GenericXdsConfig config) {
        int size = CodedOutputStream.computeMessageSize(ClientConfig.GENERIC_XDS_CONFIGS_FIELD_NUMBER, config);
        if (bytes > 0 && bytes + size > MAX_PART_BYTES) {
            parts.add(part.build());
            part = ClientConfig.newBuilder().setNode(node);
            bytes = 0;
        }
        part.addGenericXdsConfigs(config);
        bytes += size;
    }

    private static GenericXdsConfig config(Subscription<?> subscription, SubscribedName name) {
        GenericXdsConfig.Builder config =
                GenericXdsConfig.newBuilder().setTypeUrl(subscription.typeUrl()).setName(name.name);
        String held = name.held();
        String version = SubscribedName.versionOf(held);
        StreamView.NackView refused = name.refused();
        if (refused != null) {
            config.setErrorState(failure(refused, version));
        } else if (version != null) {
            config.setVersionInfo(version);
        }
        boolean unanswered = subscription.exchange.isAwaitingAck() && subscription.names.isInLastResponse(name);
        return config.setClientStatus(clientStatus(held, refused != null, unanswered))
                .setConfigStatus(configStatus(held, refused != null, unanswered))
                .build();
    }

    private static UpdateFailureState failure(StreamView.NackView refused, @Nullable String version) {
        Instant at = refused.at();
        return UpdateFailureState.newBuilder()
                .setDetails(refused.message())
                .setVersionInfo(version == null ? "" : version)
                .setLastUpdateAttempt(
                        Timestamp.newBuilder().setSeconds(at.getEpochSecond()).setNanos(at.getNano()))
                .build();
    }

    private static ClientResourceStatus clientStatus(@Nullable String held, boolean refused, boolean unanswered) {
        if (held == null || unanswered) {
            return ClientResourceStatus.REQUESTED;
        }
        if (refused) {
            return ClientResourceStatus.NACKED;
        }
        if (SubscribedName.versionOf(held) != null) {
            return ClientResourceStatus.ACKED;
        }
        return SubscribedName.isNotFound(held)
                ? ClientResourceStatus.DOES_NOT_EXIST
                : ClientResourceStatus.RECEIVED_ERROR;
    }

    private static ConfigStatus configStatus(@Nullable String held, boolean refused, boolean unanswered) {
        if (held == null) {
            return ConfigStatus.NOT_SENT;
        }
        if (unanswered) {
            return ConfigStatus.STALE; // the API's word for "sent, and not acknowledged"
        }
        return refused ? ConfigStatus.ERROR : ConfigStatus.SYNCED;
    }
}
