/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.ads;

import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.WireFormat;
import com.google.rpc.Status;
import io.envoyproxy.envoy.service.discovery.v3.ResourceError;
import io.envoyproxy.envoy.service.discovery.v3.ResourceName;
import java.io.IOException;

/**
 * The {@link ResourceError} that names a resource and says why there is none. Written by hand: who misspells tens of thousands
 * of names costs three messages and their builders for each otherwise.
 */
final class MissingName {
    private final String name;
    private final int code;
    private final String message;
    private final int nameSize; // of the ResourceName
    private final int detailSize; // of the Status

    MissingName(String name, Lookup.Missing missing) {
        this.name = name;
        this.code = missing.code().value();
        this.message = missing.message();
        this.nameSize = CodedOutputStream.computeStringSize(ResourceName.NAME_FIELD_NUMBER, name);
        this.detailSize = CodedOutputStream.computeInt32Size(Status.CODE_FIELD_NUMBER, code)
                + CodedOutputStream.computeStringSize(Status.MESSAGE_FIELD_NUMBER, message);
    }

    /** Returns the bytes of the error. */
    int size() {
        return sizeOf(ResourceError.RESOURCE_NAME_FIELD_NUMBER, nameSize)
                + sizeOf(ResourceError.ERROR_DETAIL_FIELD_NUMBER, detailSize);
    }

    /** Returns the bytes of the error as such a field of another message. */
    int sizeAs(int field) {
        return sizeOf(field, size());
    }

    /** Writes the error as such a field of another message. */
    void writeAs(int field, CodedOutputStream out) throws IOException {
        begin(field, size(), out);
        begin(ResourceError.RESOURCE_NAME_FIELD_NUMBER, nameSize, out);
        out.writeString(ResourceName.NAME_FIELD_NUMBER, name);
        begin(ResourceError.ERROR_DETAIL_FIELD_NUMBER, detailSize, out);
        out.writeInt32(Status.CODE_FIELD_NUMBER, code);
        out.writeString(Status.MESSAGE_FIELD_NUMBER, message);
    }

    private static void begin(int field, int size, CodedOutputStream out) throws IOException {
        out.writeTag(field, WireFormat.WIRETYPE_LENGTH_DELIMITED);
        out.writeUInt32NoTag(size);
    }

    private static int sizeOf(int field, int size) {
        return CodedOutputStream.computeTagSize(field) + CodedOutputStream.computeUInt32SizeNoTag(size) + size;
    }
}
