/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.ads;

import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.WireFormat;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryResponse;
import io.envoyproxy.envoy.service.discovery.v3.Resource;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;

/**
 * One discovery response. Written field by field around the bytes of the resources, so that the bytes are shared by all
 * streams until they are copied into the transport's buffers.
 *
 * @param format which of the two response messages it is
 * @param version of everything that the client holds of the type after this response
 * @param removed names that the client is to forget; only {@link Format#DELTA} can say it
 * @param renewed names among the resources whose content is new to the client, or that it asked for again
 */
record Push(
        Format format,
        String typeUrl,
        String version,
        String nonce,
        List<EncodedResource> resources,
        List<String> removed,
        List<MissingName> errors,
        List<String> renewed)
        implements Outgoing {

    @Override
    public InputStream encode() {
        return new PushStream(this);
    }

    int size() {
        return format.size(this);
    }

    void writeTo(CodedOutputStream out) throws IOException {
        format.write(this, out);
    }

    enum Format {
        /** {@link DiscoveryResponse}. */
        SOTW {
            @Override
            int size(Push push) {
                int size = sizeOfText(DiscoveryResponse.VERSION_INFO_FIELD_NUMBER, push.version)
                        + sizeOfText(DiscoveryResponse.TYPE_URL_FIELD_NUMBER, push.typeUrl)
                        + sizeOfText(DiscoveryResponse.NONCE_FIELD_NUMBER, push.nonce);
                for (EncodedResource resource : push.resources) {
                    size += sizeOf(resource);
                }
                for (MissingName error : push.errors) {
                    size += sizeOf(error);
                }
                return size;
            }

            @Override
            int sizeOf(EncodedResource resource) {
                return CodedOutputStream.computeBytesSize(DiscoveryResponse.RESOURCES_FIELD_NUMBER, resource.any());
            }

            @Override
            int sizeOf(MissingName error) {
                return error.sizeAs(DiscoveryResponse.RESOURCE_ERRORS_FIELD_NUMBER);
            }

            @Override
            void write(Push push, CodedOutputStream out) throws IOException {
                out.writeString(DiscoveryResponse.VERSION_INFO_FIELD_NUMBER, push.version);
                for (EncodedResource resource : push.resources) {
                    out.writeBytes(DiscoveryResponse.RESOURCES_FIELD_NUMBER, resource.any());
                }
                out.writeString(DiscoveryResponse.TYPE_URL_FIELD_NUMBER, push.typeUrl);
                out.writeString(DiscoveryResponse.NONCE_FIELD_NUMBER, push.nonce);
                for (MissingName error : push.errors) {
                    error.writeAs(DiscoveryResponse.RESOURCE_ERRORS_FIELD_NUMBER, out);
                }
            }
        },

        /** {@link DeltaDiscoveryResponse}. */
        DELTA {
            @Override
            int size(Push push) {
                int size = sizeOfText(DeltaDiscoveryResponse.SYSTEM_VERSION_INFO_FIELD_NUMBER, push.version)
                        + sizeOfText(DeltaDiscoveryResponse.TYPE_URL_FIELD_NUMBER, push.typeUrl)
                        + sizeOfText(DeltaDiscoveryResponse.NONCE_FIELD_NUMBER, push.nonce);
                for (EncodedResource resource : push.resources) {
                    size += sizeOf(resource);
                }
                for (String name : push.removed) {
                    size += sizeOfRemoval(name);
                }
                for (MissingName error : push.errors) {
                    size += sizeOf(error);
                }
                return size;
            }

            @Override
            int sizeOf(EncodedResource resource) {
                int size = wrappedSize(resource);
                return CodedOutputStream.computeTagSize(DeltaDiscoveryResponse.RESOURCES_FIELD_NUMBER)
                        + CodedOutputStream.computeUInt32SizeNoTag(size)
                        + size;
            }

            @Override
            int sizeOf(MissingName error) {
                return error.sizeAs(DeltaDiscoveryResponse.RESOURCE_ERRORS_FIELD_NUMBER);
            }

            @Override
            void write(Push push, CodedOutputStream out) throws IOException {
                out.writeString(DeltaDiscoveryResponse.SYSTEM_VERSION_INFO_FIELD_NUMBER, push.version);
                for (EncodedResource resource : push.resources) {
                    out.writeTag(DeltaDiscoveryResponse.RESOURCES_FIELD_NUMBER, WireFormat.WIRETYPE_LENGTH_DELIMITED);
                    out.writeUInt32NoTag(wrappedSize(resource));
                    out.writeString(Resource.VERSION_FIELD_NUMBER, resource.version());
                    out.writeBytes(Resource.RESOURCE_FIELD_NUMBER, resource.any());
                    out.writeString(Resource.NAME_FIELD_NUMBER, resource.name());
                }
                out.writeString(DeltaDiscoveryResponse.TYPE_URL_FIELD_NUMBER, push.typeUrl);
                out.writeString(DeltaDiscoveryResponse.NONCE_FIELD_NUMBER, push.nonce);
                for (String name : push.removed) {
                    out.writeString(DeltaDiscoveryResponse.REMOVED_RESOURCES_FIELD_NUMBER, name);
                }
                for (MissingName error : push.errors) {
                    error.writeAs(DeltaDiscoveryResponse.RESOURCE_ERRORS_FIELD_NUMBER, out);
                }
            }

            private int wrappedSize(EncodedResource resource) {
                return sizeOfText(Resource.VERSION_FIELD_NUMBER, resource.version())
                        + CodedOutputStream.computeBytesSize(Resource.RESOURCE_FIELD_NUMBER, resource.any())
                        + sizeOfText(Resource.NAME_FIELD_NUMBER, resource.name());
            }
        };

        abstract int size(Push push);

        /** Returns the bytes that one resource adds to a response. */
        abstract int sizeOf(EncodedResource resource);

        /** Returns the bytes that one error adds to a response. */
        abstract int sizeOf(MissingName error);

        /** Returns the bytes that a name adds to a delta response which says that it is gone. */
        static int sizeOfRemoval(String name) {
            return sizeOfText(DeltaDiscoveryResponse.REMOVED_RESOURCES_FIELD_NUMBER, name);
        }

        abstract void write(Push push, CodedOutputStream out) throws IOException;

        static int sizeOfText(int field, String text) {
            return CodedOutputStream.computeStringSize(field, text);
        }
    }
}
