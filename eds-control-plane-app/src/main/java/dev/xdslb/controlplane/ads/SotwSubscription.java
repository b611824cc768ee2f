/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.ads;

import static java.util.Objects.requireNonNull;

import io.envoyproxy.envoy.service.discovery.v3.DiscoveryRequest;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The state-of-the-world protocol: every request says all names. Responses of a full-state type (clusters) say all
 * resources; those of other types only what changed, which the protocol allows and every client that we know accepts.
 */
final class SotwSubscription extends Subscription<DiscoveryRequest> {
    private boolean everNamed; // an empty list means nothing from now on, no longer everything
    private boolean resumes; // the client has something of an earlier stream, and nothing was said on this one

    SotwSubscription(
            @Nullable ResourceType type, String typeUrl, Client client, SubscribedNames names, StreamContext context) {
        super(type, typeUrl, client, names, context);
    }

    /**
     * The names of a request with an outdated nonce count too. While a response is unanswered nothing is sent for them,
     * so the answer to it, which repeats the names, has the last word; and without one in flight they would be lost
     * (Envoy under frequent updates, envoyproxy/envoy#10363; grpc-java after it had unsubscribed from all,
     * grpc/grpc-java#11232).
     */
    @Override
    boolean receive(DiscoveryRequest request, Instant now) {
        boolean awaited = exchange.isAwaitingAck();
        boolean settled = exchange.hasSent() && !awaited;
        answered(exchange.received(
                request.getResponseNonce(), request.hasErrorDetail() ? request.getErrorDetail() : null, now));
        boolean startsOver = settled && request.getResponseNonce().isEmpty();
        if (exchange.isFirstRequest()) {
            resumes = !request.getVersionInfo().isEmpty();
        }

        List<String> asked = request.getResourceNamesList();
        everNamed |= !asked.isEmpty();
        boolean all = asked.contains(SubscribedNames.WILDCARD) || (!everNamed && emptyMeansWildcard());
        Set<String> wanted = new LinkedHashSet<>(asked);
        wanted.remove(SubscribedNames.WILDCARD);
        wanted.remove("");

        boolean changes = all != names.isWildcard();
        for (SubscribedName name : List.copyOf(names.all())) {
            if (name.explicit && !wanted.contains(name.name)) {
                names.unsubscribe(name);
                changes = true;
            }
        }
        for (String name : wanted) {
            SubscribedName present = names.get(name);
            if (present == null || !present.explicit || startsOver) {
                names.subscribe(name).owed = true;
                changes = true;
            }
        }
        wantAll(all, startsOver);
        return awaited && !exchange.isAwaitingAck() && !changes;
    }

    @Override
    @Nullable
    Push next(String nonce) {
        if (!names.refreshWildcard()) {
            return null;
        }
        return isFullState() ? nextComplete(nonce) : nextPartial(nonce);
    }

    private void wantAll(boolean all, boolean startsOver) {
        if (all && (!names.isWildcard() || startsOver)) {
            names.subscribeToAll();
            oweAnswer();
        } else if (!all && names.isWildcard()) {
            names.unsubscribeFromAll();
        }
    }

    /** All that there is, as soon as something of it is new. */
    private @Nullable Push nextComplete(String nonce) {
        boolean changed = takeOwedAnswer();
        boolean isNews = false;
        SubscribedName pending;
        while ((pending = names.takePending()) != null) {
            String state = SubscribedName.stateOf(names.lookup(pending));
            if (state == null) {
                names.postponeUnknown(pending);
                continue;
            }
            isNews |= !names.isTold(pending, state);
        }
        if (!changed && !isNews) {
            return null;
        }
        Map<SubscribedName, Lookup> all = new LinkedHashMap<>();
        Set<SubscribedName> news =
                new LinkedHashSet<>(); // by what is sent: more may have changed since it was found that something did
        for (SubscribedName name : names.all()) {
            Lookup lookup = names.lookup(name);
            all.put(name, lookup);
            String state = SubscribedName.stateOf(lookup);
            if (state != null && !names.isTold(name, state)) {
                news.add(name);
            }
        }
        if (waitsForUnknown(all)) {
            news.forEach(names::postpone);
            if (changed) {
                oweAnswer();
            }
            return null;
        }
        Content content = new Content();
        all.forEach((name, lookup) -> {
            if (lookup instanceof Lookup.Missing && !name.explicit) {
                names.toldGone(name);
            } else if (SubscribedName.stateOf(lookup) != null) {
                content.add(told(name, lookup, news.contains(name)));
            }
        });
        resumes = false;
        return content.push(nonce);
    }

    /** A response without a cluster that the client has would make it delete that cluster. */
    private boolean waitsForUnknown(Map<SubscribedName, Lookup> all) {
        boolean waits = false;
        for (Map.Entry<SubscribedName, Lookup> looked : all.entrySet()) {
            if (SubscribedName.stateOf(looked.getValue()) == null) {
                names.postponeUnknown(looked.getKey());
                waits |= looked.getKey().held() != null || (resumes && looked.getValue() instanceof Lookup.Withheld);
            }
        }
        return waits;
    }

    /** What is new, as much as fits into one message. */
    private @Nullable Push nextPartial(String nonce) {
        List<EncodedResource> part = takePart();
        if (!part.isEmpty()) {
            List<String> renewed = part.stream().map(EncodedResource::name).toList();
            sentInParts(renewed);
            return new Push(Push.Format.SOTW, typeUrl(), names.version(), nonce, part, List.of(), List.of(), renewed);
        }
        Content content = new Content();
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
            if (lookup instanceof Lookup.Missing && !name.explicit) {
                names.drop(name);
                continue;
            }
            Told told = told(name, lookup, true);
            if (!content.hasRoomFor(told)) {
                names.postpone(name);
                break;
            }
            content.add(told);
        }
        if (!takeOwedAnswer() && content.isEmpty()) {
            return null;
        }
        sentInParts(List.copyOf(content.renewed));
        return content.push(nonce);
    }

    private static Told told(SubscribedName name, Lookup lookup, boolean news) {
        String state = requireNonNull(SubscribedName.stateOf(lookup), "a state to tell");
        return lookup instanceof Lookup.Missing missing
                ? new Told(name, state, missing.placeholder(), new MissingName(name.name, missing), news)
                : new Told(name, state, ((Lookup.Found) lookup).resource(), null, news);
    }

    /**
     * What a response says of one name. A name that does not exist can only be told as an error; where the kind of client needs it,
     * emptiness too.
     */
    private record Told(
            SubscribedName name,
            String state,
            @Nullable EncodedResource resource,
            @Nullable MissingName error,
            boolean news) {
        int size() {
            return (resource == null ? 0 : Push.Format.SOTW.sizeOf(resource))
                    + (error == null ? 0 : Push.Format.SOTW.sizeOf(error));
        }
    }

    /** What goes into one response. */
    private final class Content {
        private final List<EncodedResource> resources = new ArrayList<>();
        private final List<MissingName> errors = new ArrayList<>();
        private final List<String> renewed = new ArrayList<>();
        private int bytes;

        boolean isEmpty() {
            return resources.isEmpty() && errors.isEmpty();
        }

        boolean hasRoomFor(Told told) {
            return bytes == 0 || bytes + told.size() <= settings.maxPushBytes();
        }

        void add(Told told) {
            bytes += told.size();
            if (told.error() != null) {
                errors.add(told.error());
            }
            if (told.resource() != null) {
                resources.add(told.resource());
                if (told.news()) {
                    renewed.add(told.name().name);
                }
            }
            names.told(told.name(), told.state(), told.size());
        }

        Push push(String nonce) {
            return new Push(Push.Format.SOTW, typeUrl(), names.version(), nonce, resources, List.of(), errors, renewed);
        }
    }
}
