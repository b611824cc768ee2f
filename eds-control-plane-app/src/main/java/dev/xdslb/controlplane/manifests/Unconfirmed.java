/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.manifests;

import dev.xdslb.controlplane.topology.ObjectId;
import dev.xdslb.controlplane.topology.ServiceKey;
import dev.xdslb.controlplane.topology.ServiceObject;
import dev.xdslb.controlplane.topology.SliceObject;
import dev.xdslb.controlplane.topology.TopologyChange;
import dev.xdslb.controlplane.topology.TopologyObject;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells a folder that is being written from one that was changed. A file that became empty, or ends in the middle of what
 * it was, is most likely written at this moment ({@code kubectl get … > file} begins so), and a Service that is gone is
 * most likely in a file that is being replaced ({@code rm} and {@code cp}, {@code git checkout}). Both are believed only
 * when it has stayed so for {@link #HOLD}; everything else, endpoints that go among it, counts at once.
 *
 * <p>Confined to the thread that reads.
 */
final class Unconfirmed {
    static final Duration HOLD = Duration.ofSeconds(2);

    private static final Logger logger = LoggerFactory.getLogger(Unconfirmed.class);

    private final Map<Path, String> texts = new HashMap<>(); // what last counted
    private final Map<Object, Long> since = new HashMap<>(); // of what is held, by file and by object
    private final Set<Object> stillHeld = new HashSet<>();
    private final Set<Path> read = new HashSet<>();
    private Map<ObjectId, TopologyObject> objects = Map.of(); // what was handed on last
    private long now;

    /** Whether something was held for so long that the folder is to be read again, changed or not. */
    boolean isDue(long nanos) {
        return since.values().stream().anyMatch(held -> nanos - held >= HOLD.toNanos());
    }

    /** Begins to read the folder. */
    void begin(long nanos) {
        now = nanos;
        stillHeld.clear();
        read.clear();
    }

    /** Returns the text of a file that counts: what is there, or what was there before. */
    String text(Path file, String text) {
        read.add(file);
        String last = texts.getOrDefault(file, "");
        boolean unfinished = text.length() < last.length() && (text.isBlank() || last.startsWith(text));
        if (unfinished && isHeld(file, "ends in the middle of what it was")) {
            return last;
        }
        texts.put(file, text);
        return text;
    }

    /** Returns what is to be handed on: what was read, and what is not believed to be gone. */
    TopologyChange.Replace keep(TopologyChange.Replace reading) {
        Map<ObjectId, TopologyObject> all = new LinkedHashMap<>();
        reading.objects().forEach(object -> all.put(object.id(), object));
        Set<ServiceKey> kept = new HashSet<>();
        for (TopologyObject before : objects.values()) {
            if (before instanceof ServiceObject service
                    && !all.containsKey(service.id())
                    && isHeld(service.id(), "is gone")) {
                kept.add(service.key());
                all.put(service.id(), service);
            }
        }
        for (TopologyObject before : objects.values()) {
            if (before instanceof SliceObject slice
                    && kept.contains(new ServiceKey(slice.namespace(), slice.serviceName()))) {
                all.putIfAbsent(slice.id(), slice);
            }
        }
        since.keySet().retainAll(stillHeld);
        texts.keySet().retainAll(read);
        objects = all;
        return new TopologyChange.Replace(new ArrayList<>(all.values()), reading.skipped());
    }

    private boolean isHeld(Object what, String why) {
        Long first = since.get(what);
        if (first == null) {
            logger.info("{} {}: maybe it is being written; what it was is served for {}", what, why, HOLD);
            first = now;
            since.put(what, first);
        }
        if (now - first >= HOLD.toNanos()) {
            return false;
        }
        stillHeld.add(what);
        return true;
    }
}
