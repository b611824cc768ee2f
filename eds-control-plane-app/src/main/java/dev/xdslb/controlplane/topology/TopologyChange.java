/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.topology;

import static java.util.Objects.requireNonNull;

import java.util.List;

/** What a source says about the objects of its Kubernetes cluster. */
public sealed interface TopologyChange {

    /** The object exists and looks like this. */
    record Upsert(TopologyObject object) implements TopologyChange {
        public Upsert {
            requireNonNull(object, "object");
        }
    }

    /** The object does not exist any more. */
    record Remove(ObjectId id) implements TopologyChange {
        public Remove {
            requireNonNull(id, "id");
        }
    }

    /**
     * These are all objects that exist.
     *
     * @param skipped what the source could not make an object of
     */
    record Replace(List<TopologyObject> objects, List<SkippedObject> skipped) implements TopologyChange {
        public Replace {
            objects = List.copyOf(objects);
            skipped = List.copyOf(skipped);
        }
    }

    /**
     * Of these objects nothing is known yet, not even that there are none: what depends on them is not to be taken for complete
     * before {@link Listed}. Said before {@link Synced} where that does not wait for them.
     *
     * @param reason why, for people; empty while they are being read, which takes a moment
     */
    record Unlisted(ObjectScope objects, String reason) implements TopologyChange {
        public Unlisted {
            requireNonNull(objects, "objects");
            requireNonNull(reason, "reason");
        }
    }

    /** All of these objects have been said, or are not asked for any more. */
    record Listed(ObjectScope objects) implements TopologyChange {
        public Listed {
            requireNonNull(objects, "objects");
        }
    }

    /** Everything that existed when the source started was said, but for what is {@link Unlisted}. */
    record Synced() implements TopologyChange {}
}
