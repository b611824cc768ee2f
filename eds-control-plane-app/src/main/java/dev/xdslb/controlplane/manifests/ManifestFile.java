/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.manifests;

import dev.xdslb.controlplane.topology.SkippedObject;
import dev.xdslb.controlplane.topology.TopologyObject;
import java.util.List;

/**
 * What the text of a file says.
 *
 * @param objects in their order
 */
record ManifestFile(String text, List<TopologyObject> objects, List<SkippedObject> skipped) {
    ManifestFile {
        objects = List.copyOf(objects);
        skipped = List.copyOf(skipped);
    }

    /** Without the text, in which there may be keys. */
    @Override
    public String toString() {
        return objects.size() + " objects, " + skipped.size() + " skipped";
    }
}
