/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.manifests;

import dev.xdslb.controlplane.kubernetes.ObjectPruning;
import dev.xdslb.controlplane.topology.ObjectId;
import dev.xdslb.controlplane.topology.SkippedObject;
import dev.xdslb.controlplane.topology.TopologyChange;
import dev.xdslb.controlplane.topology.TopologyObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.concurrent.TimeUnit;

/**
 * Reads a folder of manifests whole: either every file can be read, or none counts. A file that has not changed is neither read nor
 * parsed again. Confined to one thread.
 */
final class ManifestReader {
    /** A file that is broken and was changed so lately is most likely written at this moment: it is read again at once. */
    private static final Duration BEING_WRITTEN = Duration.ofMillis(100);

    private static final int ATTEMPTS = 10;
    private static final Duration BETWEEN_ATTEMPTS = Duration.ofMillis(3);

    private final ManifestParser parser;
    private final TextSource texts;
    private final Map<Path, Known> known = new HashMap<>();

    ManifestReader(ObjectPruning pruning, boolean gatewayApi) {
        this(pruning, gatewayApi, Files::readString);
    }

    ManifestReader(ObjectPruning pruning, TextSource texts) {
        this(pruning, false, texts);
    }

    private ManifestReader(ObjectPruning pruning, boolean gatewayApi, TextSource texts) {
        this.parser = new ManifestParser(pruning, gatewayApi);
        this.texts = texts;
    }

    /** What is in a file at present. */
    @FunctionalInterface
    interface TextSource {
        String of(Path file) throws IOException;
    }

    /**
     * A file as it was last.
     *
     * @param text what was in it, which need not be the text that counts
     */
    private record Known(FileStamp stamp, String text, ManifestFile parsed) {}

    /**
     * Reads the folder.
     *
     * @param files all of its files
     * @param unconfirmed says which text of a file counts
     */
    TopologyChange.Replace read(SortedMap<Path, FileStamp> files, Unconfirmed unconfirmed)
            throws BrokenManifestException, InterruptedException {
        known.keySet().retainAll(files.keySet());
        Map<ObjectId, TopologyObject> objects = new LinkedHashMap<>();
        List<SkippedObject> skipped = new ArrayList<>();
        for (Map.Entry<Path, FileStamp> file : files.entrySet()) {
            ManifestFile read = read(file.getKey(), file.getValue(), unconfirmed);
            skipped.addAll(read.skipped());
            for (TopologyObject object : read.objects()) {
                TopologyObject before = objects.putIfAbsent(object.id(), object);
                if (before != null) {
                    skipped.add(new SkippedObject(
                            object.id() + " (" + object.origin() + ")",
                            "is in " + before.origin() + " already, which counts"));
                }
            }
        }
        return new TopologyChange.Replace(List.copyOf(objects.values()), skipped);
    }

    private ManifestFile read(Path file, FileStamp stamp, Unconfirmed unconfirmed)
            throws BrokenManifestException, InterruptedException {
        for (int attempt = 1; ; attempt++) {
            Known before = known.get(file);
            String text = before != null && before.stamp().isSurely(stamp) ? before.text() : text(file);
            String counting = unconfirmed.text(file, text);
            try {
                ManifestFile parsed = before != null && before.parsed().text().equals(counting)
                        ? before.parsed()
                        : parser.parse(file, counting);
                known.put(file, new Known(stamp, text, parsed));
                return parsed;
            } catch (BrokenManifestException e) {
                if (attempt == ATTEMPTS || !wasChangedWithin(file, BEING_WRITTEN)) {
                    throw e;
                }
                TimeUnit.NANOSECONDS.sleep(BETWEEN_ATTEMPTS.toNanos());
            }
        }
    }

    private static boolean wasChangedWithin(Path file, Duration time) {
        try {
            return System.currentTimeMillis() - Files.getLastModifiedTime(file).toMillis() < time.toMillis();
        } catch (IOException e) {
            return false; // said when it is read
        }
    }

    private String text(Path file) throws BrokenManifestException {
        try {
            return texts.of(file);
        } catch (IOException e) {
            throw new BrokenManifestException(file, "cannot be read: " + e, e);
        }
    }
}
