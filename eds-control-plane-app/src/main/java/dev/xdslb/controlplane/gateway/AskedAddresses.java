/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.gateway;

import com.google.common.net.InetAddresses;
import dev.xdslb.controlplane.gateway.CompiledRoute.Refusal;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What {@code spec.addresses} of a Gateway asks for, beside the addresses that it has: others are not to be had here. */
final class AskedAddresses {

    private AskedAddresses() {}

    /**
     * Returns why not all can be had, null when they can.
     *
     * @param asked as {@code type value}, where an empty value asks for any address of the type
     * @param had IP addresses and host names
     */
    static @Nullable Refusal problem(List<String> asked, List<String> had) {
        List<String> typed = had.stream().map(AskedAddresses::typed).toList();
        for (String one : asked) {
            int space = one.indexOf(' ');
            String type = one.substring(0, space);
            String value = one.substring(space + 1);
            if (value.isEmpty()) {
                if (typed.stream().noneMatch(address -> address.startsWith(type + " "))) {
                    return new Refusal(
                            "AddressNotAssigned",
                            "an address of type " + Texts.shown(type) + " is asked for, and the Gateway has " + had);
                }
            } else if (!typed.contains(type + " " + canonical(value))) {
                return new Refusal(
                        "AddressNotUsable",
                        "address \"" + Texts.shown(one) + "\" (expected: one that the Gateway has: " + had + ")");
            }
        }
        return null;
    }

    private static String typed(String address) {
        return (InetAddresses.isInetAddress(address) ? "IPAddress " : "Hostname ") + canonical(address);
    }

    private static String canonical(String address) {
        return InetAddresses.isInetAddress(address)
                ? InetAddresses.toAddrString(InetAddresses.forString(address))
                : address.toLowerCase(Locale.ROOT);
    }
}
