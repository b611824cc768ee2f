/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.xds;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.Parser;

/**
 * One type of resources: what it is called, how it is read, and what of the protocol holds for it. Everything else is the
 * same for all types and lives in {@link ResourceTable}.
 *
 * @param <M> the message on the wire
 * @param <T> what the client makes of it; compared by {@code equals} to tell news from repetition
 */
interface ResourceDecoder<M extends Message, T> {

    String typeUrl();

    /** Returns what reasons call one, with its article, such as "an endpoint list". */
    String noun();

    Parser<M> parser();

    /** Returns the field that {@link #name} reads. */
    String nameField();

    /** Returns the name that the message gives itself. */
    String name(M message);

    /**
     * Reads a message whose name is the one that was asked for.
     *
     * @throws UnusableResourceException when it must not be used; the message is what the control plane is told
     */
    T decode(M message) throws UnusableResourceException;

    /** Returns how many endpoints that is. */
    default int endpoints(T content) {
        return 0;
    }

    /** Whether an answer in state of the world holds all resources, so that one which is left out is gone. */
    default boolean isFullState() {
        return false;
    }

    /**
     * Whether the client does without it. Then it is asked for with caution, since a control plane may end the stream at a type
     * that it does not know, and an outage is left to the other types to tell.
     */
    default boolean isOptional() {
        return false;
    }

    /** Returns the name of a resource and how to read it. */
    default Parsed<T> parse(Any resource) throws UnusableResourceException {
        if (!resource.getTypeUrl().equals(typeUrl())) {
            throw new UnusableResourceException(
                    "type_url: \"" + resource.getTypeUrl() + "\" (expected: \"" + typeUrl() + "\")");
        }
        try {
            M message = parser().parseFrom(resource.getValue());
            return new Parsed<>(name(message), () -> decode(message));
        } catch (InvalidProtocolBufferException e) {
            String type = typeUrl().substring(typeUrl().lastIndexOf('.') + 1);
            throw new UnusableResourceException(
                    resource.getValue().size() + " bytes that are no " + type + ": " + e.getMessage());
        }
    }

    /** A message whose name is known and whose content is not read yet. */
    record Parsed<T>(String name, Content<T> content) {}

    /** What is read where somebody asked for it only. */
    @FunctionalInterface
    interface Content<T> {
        T read() throws UnusableResourceException;
    }
}
