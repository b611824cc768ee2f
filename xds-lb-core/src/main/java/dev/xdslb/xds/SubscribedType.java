/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.xds;

import com.google.protobuf.Any;
import com.google.rpc.Status;
import dev.xdslb.xds.proto.Resource;
import java.util.Collection;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What this process wants and knows of one type of resources. Outlives every stream: a stream asks for what is in here and
 * brings the answers. Confined to the client's executor.
 */
interface SubscribedType {

    String typeUrl();

    /** Returns the names that are wanted now. What was known of any other may be forgotten. */
    Set<String> takeNames();

    /** Returns the version of each resource that is in use. */
    Map<String, String> versions();

    /** Returns the version of the newest state of the world that was accepted. */
    String sotwVersion();

    void sotwVersion(String version);

    /** Returns the version to begin a new stream with, empty to be sent everything. */
    String sotwVersionToResume();

    /** These names have been asked for on a stream. */
    void asked(Collection<String> names);

    /** Takes a resource of a delta answer. Returns what is wrong with it, null for nothing. */
    @Nullable
    String offer(Resource offered);

    /** Takes a resource of an answer in state of the world. Returns what is wrong with it, null for nothing. */
    @Nullable
    String offer(Any offered, String version);

    /** The control plane has no such resource, or no longer, for the reason it gives if it gives one. */
    void removed(String name, @Nullable Status error);

    /** The control plane names errors of resources that it did not list as removed. */
    void errors(Map<String, Status> errors);
}
