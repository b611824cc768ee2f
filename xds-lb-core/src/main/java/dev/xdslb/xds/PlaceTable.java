/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.xds;

import dev.xdslb.cluster.EndpointSource.Place;
import dev.xdslb.cluster.EndpointSource.PlaceWatcher;
import dev.xdslb.cluster.FaultBoundary;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Where this process runs, as the control plane says: asked for by the name of the pod, and by the address of the
 * connection where that name is unknown or the control plane does not know it (a pod's host name need not be its name).
 *
 * <p>Confined to the client's executor.
 */
final class PlaceTable {
    private final ResourceTable<Place> resources;
    private final FaultBoundary boundary; // around the watcher
    private final @Nullable Answer pod;
    private @Nullable Answer address;
    private boolean reached; // the address is known, or it is known that there is none
    private @Nullable PlaceWatcher watcher;
    private Object told = ""; // the place, or the reason why there is none

    /** Makes an empty table of what is asked for in another one. */
    PlaceTable(ResourceTable<Place> resources, XdsNode node, FaultBoundary boundary) {
        this.resources = resources;
        this.boundary = boundary;
        this.pod = node.pod().isEmpty() || node.podNamespace().isEmpty()
                ? null
                : new Answer("pod/" + node.podNamespace() + '/' + node.pod());
    }

    /** Wants to know the place from now on. */
    void watch(PlaceWatcher newWatcher) {
        watcher = newWatcher;
        told = "";
        update();
    }

    /** The control plane sees this process at this address, null for none. */
    void reachedFrom(@Nullable SocketAddress remote) {
        String name = remote instanceof InetSocketAddress inet ? nameOf(inet.getAddress()) : null;
        if (address != null && !address.name.equals(name)) {
            address.ask(false);
            address = null;
        }
        if (address == null && name != null) {
            address = new Answer(name);
        }
        reached = true;
        update();
    }

    private void update() {
        if (watcher == null) {
            return;
        }
        if (pod != null) {
            pod.ask(true);
        }
        if (address != null) {
            address.ask(pod == null || pod.absent);
        }
        tell();
    }

    /** The pod's name counts before its address. */
    private void tell() {
        Place place = pod != null && pod.place != null ? pod.place : address == null ? null : address.place;
        if (place != null) {
            if (!place.equals(told)) {
                told = place;
                tell(telling -> telling.onPlace(place));
            }
        } else if (pod == null && address == null) {
            if (reached) {
                unknown("neither its pod (POD_NAME and POD_NAMESPACE) nor an address that only it has is known");
            }
        } else {
            Set<String> reasons = new TreeSet<>();
            if (isSettled(pod, reasons) && isSettled(address, reasons)) {
                unknown(String.join("; ", reasons));
            }
        }
    }

    /** Adds why an answer is not there; returns whether it may no longer be under way. */
    private static boolean isSettled(@Nullable Answer answer, Set<String> reasons) {
        if (answer == null || !answer.asked) {
            return true;
        }
        if (answer.reason == null) {
            return false;
        }
        return reasons.add(answer.reason);
    }

    private void unknown(String reason) {
        if (!reason.equals(told)) {
            told = reason;
            tell(telling -> telling.onUnknown(reason));
        }
    }

    private void tell(Consumer<PlaceWatcher> news) {
        PlaceWatcher telling = watcher;
        if (telling != null) {
            boundary.run(() -> news.accept(telling));
        }
    }

    /** An address that every machine has says nothing. */
    private static @Nullable String nameOf(@Nullable InetAddress address) {
        if (address == null
                || address.isLoopbackAddress()
                || address.isAnyLocalAddress()
                || address.isLinkLocalAddress()) {
            return null;
        }
        return "ip/" + address.getHostAddress().split("%", 2)[0];
    }

    /** What the control plane says of one of the names. */
    private final class Answer implements ResourceWatcher<Place> {
        private final String name;
        private boolean asked;
        private @Nullable Place place;
        private boolean absent;
        private @Nullable String reason; // why there is none, or none that is newer

        Answer(String name) {
            this.name = name;
        }

        void ask(boolean ask) {
            if (ask != asked) {
                asked = ask;
                if (ask) {
                    resources.add(name, this);
                } else {
                    resources.remove(name, this);
                    place = null;
                    reason = null;
                }
            }
        }

        @Override
        public void onResource(String version, Place newPlace) {
            replace(newPlace, false, null);
        }

        @Override
        public void onAbsent(String newReason) {
            replace(null, true, newReason);
        }

        @Override
        public void onUnavailable(String newReason) {
            replace(place, absent, newReason);
        }

        private void replace(@Nullable Place newPlace, boolean isAbsent, @Nullable String newReason) {
            place = newPlace;
            absent = isAbsent;
            reason = newReason;
            update();
        }
    }
}
