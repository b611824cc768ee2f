/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.resource;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.protobuf.ByteString;
import com.google.protobuf.WireFormat;

/**
 * Writes a message of protobuf from its end to its beginning: what is nested is written before its length, which is known by then, so
 * nothing is measured beforehand and no object is made for it. The fields of a message are to be written from the highest number
 * to the lowest, and those of a repeated field from the last to the first. Used once, by one thread.
 */
final class BackwardsWriter {
    private byte[] bytes;
    private int start;

    /**
     * Creates one that has written nothing.
     *
     * @param expected how many bytes it may be
     */
    BackwardsWriter(int expected) {
        bytes = new byte[Math.max(expected, 16)];
        start = bytes.length;
    }

    /** Returns where a message ends that is begun to be written now, for {@link #message}. */
    int end() {
        return bytes.length - start;
    }

    /** Makes what was written since a message which is this field. */
    void message(int field, int end) {
        varint(bytes.length - start - end);
        tag(field, WireFormat.WIRETYPE_LENGTH_DELIMITED);
    }

    /** Begins a message which is this field, of which something that is put behind is so long. */
    void messageOf(int field, int length) {
        varint(length);
        tag(field, WireFormat.WIRETYPE_LENGTH_DELIMITED);
    }

    void text(int field, String text) {
        int end = end();
        int length = text.length();
        room(length);
        int at = start;
        int i = length;
        while (i > 0) {
            char next = text.charAt(i - 1);
            if (next >= 0x80) {
                break;
            }
            bytes[--at] = (byte) next;
            i--;
        }
        if (i == 0) {
            start = at;
        } else {
            byte[] encoded = text.getBytes(UTF_8);
            room(encoded.length);
            start -= encoded.length;
            System.arraycopy(encoded, 0, bytes, start, encoded.length);
        }
        message(field, end);
    }

    /** Writes a text unless it is empty, which is what a reader takes for granted. */
    void textIfAny(int field, String text) {
        if (!text.isEmpty()) {
            text(field, text);
        }
    }

    void unsigned(int field, int value) {
        varint(value);
        tag(field, WireFormat.WIRETYPE_VARINT);
    }

    ByteString written() {
        return ByteString.copyFrom(bytes, start, bytes.length - start);
    }

    private void tag(int field, int wireType) {
        varint((field << 3) | wireType);
    }

    private void varint(int value) {
        room(5);
        int size = 1;
        for (int rest = value >>> 7; rest != 0; rest >>>= 7) {
            size++;
        }
        start -= size;
        int rest = value;
        for (int i = 0; i < size - 1; i++) {
            bytes[start + i] = (byte) ((rest & 0x7f) | 0x80);
            rest >>>= 7;
        }
        bytes[start + size - 1] = (byte) rest;
    }

    private void room(int more) {
        if (start >= more) {
            return;
        }
        int used = bytes.length - start;
        byte[] larger = new byte[Math.max(2 * bytes.length, used + more)];
        System.arraycopy(bytes, start, larger, larger.length - used, used);
        start = larger.length - used;
        bytes = larger;
    }
}
