/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.ads;

import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The incremental protocol: requests say what comes and what goes, and so do responses. */
final class DeltaSubscription extends Subscription<DeltaDiscoveryRequest> {

    DeltaSubscription(
            @Nullable ResourceType type, String typeUrl, Client client, SubscribedNames names, StreamContext context) {
        super(type, typeUrl, client, names, context);
    }

    /** A nonce that is out of date does not touch the names: a client says each change of them only once. */
    @Override
    boolean receive(DeltaDiscoveryRequest request, Instant now) {
        boolean awaited = exchange.isAwaitingAck();
        answered(exchange.received(
                request.getResponseNonce(), request.hasErrorDetail() ? request.getErrorDetail() : null, now));
        boolean first = exchange.isFirstRequest();
        List<String> subscribe = request.getResourceNamesSubscribeList();

        for (String name : subscribe) {
            if (!name.isEmpty() && !name.equals(SubscribedNames.WILDCARD)) {
                names.subscribe(name).owed = true; // the client may have forgotten it since it was sent
            }
        }
        if (subscribe.contains(SubscribedNames.WILDCARD) || (first && subscribe.isEmpty() && emptyMeansWildcard())) {
            subscribeToAll();
        }
        if (first) {
            hold(request.getInitialResourceVersionsMap());
        }
        unsubscribe(request.getResourceNamesUnsubscribeList());
        boolean asks = request.getResourceNamesSubscribeCount()
                        + request.getResourceNamesUnsubscribeCount()
                        + request.getInitialResourceVersionsCount()
                > 0;
        return awaited && !exchange.isAwaitingAck() && !asks;
    }

    /** Only what differs from what the client holds; as much as fits into one message. */
    @Override
    @Nullable
    Push next(String nonce) {
        if (!names.refreshWildcard()) {
            return null;
        }
        List<EncodedResource> part = takePart();
        if (!part.isEmpty()) {
            return push(nonce, part, List.of(), List.of());
        }
        List<EncodedResource> resources = new ArrayList<>();
        List<String> removed = new ArrayList<>();
        List<MissingName> errors = new ArrayList<>();
        int bytes = 0;
        SubscribedName name;
        while ((name = names.takePending()) != null) {
            Lookup lookup = names.lookup(name);
            String state = SubscribedName.stateOf(lookup);
            if (state == null) {
                names.postponeUnknown(name);
                continue;
            }
            if (names.isTold(name, state)) {
                continue;
            }
            MissingName error = lookup instanceof Lookup.Missing missing && name.explicit
                    ? new MissingName(name.name, missing)
                    : null;
            int more = sizeOf(name, lookup, error);
            if (bytes > 0 && bytes + more > settings.maxPushBytes()) {
                names.postpone(name);
                break;
            }
            bytes += more;
            if (lookup instanceof Lookup.Found found) {
                resources.add(found.resource());
                names.told(name, state, more);
            } else if (error != null) {
                removed.add(name.name);
                errors.add(error);
                names.told(name, state, more);
            } else {
                if (name.owed || name.held() != null) {
                    removed.add(name.name);
                }
                names.toldGone(name);
            }
        }
        if (!takeOwedAnswer() && resources.isEmpty() && removed.isEmpty()) {
            return null;
        }
        return push(nonce, resources, removed, errors);
    }

    private Push push(String nonce, List<EncodedResource> resources, List<String> removed, List<MissingName> errors) {
        List<String> renewed = resources.stream().map(EncodedResource::name).toList();
        sentInParts(renewed);
        return new Push(Push.Format.DELTA, typeUrl(), names.version(), nonce, resources, removed, errors, renewed);
    }

    private static int sizeOf(SubscribedName name, Lookup lookup, @Nullable MissingName error) {
        if (lookup instanceof Lookup.Found found) {
            return Push.Format.DELTA.sizeOf(found.resource());
        }
        return Push.Format.sizeOfRemoval(name.name) + (error == null ? 0 : Push.Format.DELTA.sizeOf(error));
    }

    private void subscribeToAll() {
        if (names.isWildcard()) {
            names.oweAll();
        }
        names.subscribeToAll();
        oweAnswer();
    }

    /** What a client brings from an earlier stream is not sent again, and told when it is gone. */
    private void hold(Map<String, String> versions) {
        boolean trusted =
                settings.trustInitialVersions().contains(client().variant().family());
        Set<String> warmed = takeWarmed();
        versions.forEach((name, version) -> {
            if (names.isWildcard() || names.get(name) != null) {
                names.hold(name, version, trusted && !warmed.contains(awaitedAfter(name)));
                keepsWholes |= isOfAnotherKind(name, version);
            }
        });
        if (!versions.isEmpty()) {
            takeOwedAnswer(); // it knows that there is something
        }
    }

    private String awaitedAfter(String name) {
        ResourceType type = type();
        return type == null ? name : type.awaitedAfter(name);
    }

    /** Returns whether the client holds something else than what parts would be added to, or may do so. */
    private boolean isOfAnotherKind(String name, String version) {
        SubscribedName held = names.get(name);
        if (!isOfWholes() || held == null) {
            return false;
        }
        Lookup lookup = names.lookup(held);
        return lookup instanceof Lookup.Withheld
                || (lookup instanceof Lookup.Found found
                        && !found.resource().version().equals(version));
    }

    /** A name that was asked for and that "*" may have too is told once more, so that the client knows which it is. */
    private void unsubscribe(List<String> unsubscribed) {
        if (unsubscribed.contains(SubscribedNames.WILDCARD)) {
            names.unsubscribeFromAll();
            takeOwedAnswer();
        }
        for (String unwanted : unsubscribed) {
            SubscribedName name = names.get(unwanted);
            if (name != null && name.explicit) {
                names.unsubscribe(name);
                name.owed = true;
            }
        }
    }
}
