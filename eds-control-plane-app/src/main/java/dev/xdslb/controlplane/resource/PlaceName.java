/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.resource;

import com.google.common.net.InetAddresses;
import dev.xdslb.controlplane.topology.PodKey;
import org.jspecify.annotations.Nullable;

/** How a client says which pod it is: {@code pod/<namespace>/<name>}, or {@code ip/<address>} when it knows no better. */
sealed interface PlaceName {

    String POD = "pod/";
    String ADDRESS = "ip/";

    /** Returns the key under which changes are announced: one for every way to write the same. */
    String key();

    record OfPod(PodKey pod) implements PlaceName {
        @Override
        public String key() {
            return POD + pod;
        }
    }

    /** An address in its canonical form. */
    record OfAddress(String address) implements PlaceName {
        @Override
        public String key() {
            return ADDRESS + address;
        }
    }

    /** Returns what this name says, null when it is none. */
    static @Nullable PlaceName parse(String requested) {
        if (requested.startsWith(ADDRESS)) {
            String address = requested.substring(ADDRESS.length());
            return InetAddresses.isInetAddress(address)
                    ? new OfAddress(InetAddresses.toAddrString(InetAddresses.forString(address)))
                    : null;
        }
        String pod = requested.startsWith(POD) ? requested.substring(POD.length()) : "";
        int slash = pod.indexOf('/');
        boolean wellFormed = slash > 0 && slash < pod.length() - 1 && pod.indexOf('/', slash + 1) < 0;
        return wellFormed ? new OfPod(new PodKey(pod.substring(0, slash), pod.substring(slash + 1))) : null;
    }
}
