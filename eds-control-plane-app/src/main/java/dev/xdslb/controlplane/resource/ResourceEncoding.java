/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.resource;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.Message;
import dev.xdslb.controlplane.ads.EncodedResource;
import dev.xdslb.controlplane.ads.ResourceType;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** Bytes and versions that are the same in every replica and after every restart. */
final class ResourceEncoding {

    /** 96 bits: two of a billion versions are alike with a probability of 10^-11. */
    private static final int VERSION_BYTES = 12;

    private ResourceEncoding() {}

    static EncodedResource encode(ResourceType type, String name, Message message) {
        return encode(type, name, ByteString.copyFrom(deterministicBytes(message)));
    }

    /** Takes a message whose bytes are the same wherever they are made; it is not copied, parts that others share stay shared. */
    static EncodedResource encode(ResourceType type, String name, ByteString bytes) {
        BackwardsWriter head = new BackwardsWriter(128);
        if (!bytes.isEmpty()) {
            head.messageOf(Any.VALUE_FIELD_NUMBER, bytes.size());
        }
        head.textIfAny(Any.TYPE_URL_FIELD_NUMBER, type.typeUrl());
        return new EncodedResource(name, version(bytes), head.written().concat(bytes));
    }

    /** Protobuf maps have no order of their own, unless this is asked for. */
    static byte[] deterministicBytes(Message message) {
        byte[] bytes = new byte[message.getSerializedSize()];
        CodedOutputStream output = CodedOutputStream.newInstance(bytes);
        output.useDeterministicSerialization();
        try {
            message.writeTo(output);
        } catch (IOException e) {
            throw new UncheckedIOException("writing to memory", e);
        }
        output.checkNoSpaceLeft();
        return bytes;
    }

    private static String version(ByteString bytes) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            bytes.asReadOnlyByteBufferList().forEach(digest::update);
            return HexFormat.of().formatHex(digest.digest(), 0, VERSION_BYTES);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
