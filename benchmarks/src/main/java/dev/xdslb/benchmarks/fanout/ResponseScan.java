/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.benchmarks.fanout;

import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryResponse;
import io.envoyproxy.envoy.service.discovery.v3.Resource;
import java.nio.charset.StandardCharsets;

/**
 * Finds in a response which changes it brings, without decoding it: a client that decoded would cost more than the server that is
 * measured. Confined to one thread.
 */
final class ResponseScan {
    private static final int LENGTH_DELIMITED = 2;
    private static final int VARINT = 0;

    /** Of {@code SocketAddress.address}: field 2, length-delimited. */
    private static final byte ADDRESS_TAG = 0x12;

    private static final int SHORTEST_ADDRESS = "11.0.0.0".length();
    private static final int LONGEST_ADDRESS = "11.255.255.255".length();

    private byte[] message = new byte[0];
    private int at;
    private String version = "";
    private String nonce = "";
    private int removed;

    /** Who is told what a response has in it. */
    @FunctionalInterface
    interface Found {
        /**
         * Called once for each resource.
         *
         * @param change -1 where there is none in the resource
         * @param bytes of the resource
         * @param version of the resource; that of the response in the state-of-the-world protocol
         */
        void resource(int change, int bytes, String version);
    }

    /** Scans a response of one of the two protocols, which have the same numbers for the fields that are looked at. */
    void scan(byte[] response, boolean delta, Found found) {
        message = response;
        at = 0;
        version = "";
        nonce = "";
        removed = 0;
        while (at < message.length) {
            int tag = varint();
            if ((tag & 7) == VARINT) {
                varint();
                continue;
            }
            int end = end(tag);
            switch (tag >>> 3) {
                case DiscoveryResponse.VERSION_INFO_FIELD_NUMBER -> version = text(end);
                case DiscoveryResponse.NONCE_FIELD_NUMBER -> nonce = text(end);
                case DiscoveryResponse.RESOURCES_FIELD_NUMBER -> {
                    int start = at;
                    if (delta) {
                        resource(start, end, found);
                    } else {
                        found.resource(change(start, end), end - start, version);
                    }
                }
                case DeltaDiscoveryResponse.REMOVED_RESOURCES_FIELD_NUMBER -> removed += delta ? 1 : 0;
                default -> {}
            }
            at = end;
        }
    }

    /** Returns how many names the scanned response says that there is nothing under; 0 in the state-of-the-world protocol. */
    int removed() {
        return removed;
    }

    /** Returns the version of the scanned response. */
    String version() {
        return version;
    }

    /** Returns the nonce of the scanned response. */
    String nonce() {
        return nonce;
    }

    private void resource(int start, int end, Found found) {
        String own = "";
        int change = -1;
        while (at < end) {
            int tag = varint();
            if ((tag & 7) == VARINT) {
                varint();
                continue;
            }
            int inner = end(tag);
            if (tag >>> 3 == Resource.VERSION_FIELD_NUMBER) {
                own = text(inner);
            } else if (tag >>> 3 == Resource.RESOURCE_FIELD_NUMBER) {
                change = change(at, inner);
            }
            at = inner;
        }
        found.resource(change, end - start, own);
    }

    /** Looks for the one address that begins with 11. */
    private int change(int from, int to) {
        for (int i = from; i < to - 1 - SHORTEST_ADDRESS; i++) {
            if (message[i] == ADDRESS_TAG && message[i + 2] == '1' && message[i + 3] == '1' && message[i + 4] == '.') {
                int length = message[i + 1];
                if (length >= SHORTEST_ADDRESS && length <= LONGEST_ADDRESS && i + 2 + length <= to) {
                    return number(i + 5, i + 2 + length);
                }
            }
        }
        return -1;
    }

    private int number(int from, int to) {
        int number = 0;
        int part = 0;
        for (int i = from; i < to; i++) {
            if (message[i] == '.') {
                number = number << 8 | part;
                part = 0;
            } else {
                part = part * 10 + message[i] - '0';
            }
        }
        return number << 8 | part;
    }

    private int end(int tag) {
        if ((tag & 7) != LENGTH_DELIMITED) {
            throw new IllegalArgumentException(
                    "wire type " + (tag & 7) + " at byte " + at + " of a response (expected: 0 or 2)");
        }
        int length = varint();
        if (length < 0 || length > message.length - at) {
            throw new IllegalArgumentException("a field of " + length + " bytes at byte " + at + " of " + message.length
                    + " (expected: within the response)");
        }
        return at + length;
    }

    private String text(int end) {
        return new String(message, at, end - at, StandardCharsets.ISO_8859_1);
    }

    private int varint() {
        int value = 0;
        for (int shift = 0; ; shift += 7) {
            byte next = message[at++];
            value |= (next & 127) << shift;
            if (next >= 0) {
                return value;
            }
        }
    }
}
