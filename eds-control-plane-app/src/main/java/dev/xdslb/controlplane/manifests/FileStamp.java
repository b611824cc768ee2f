/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.manifests;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.Locale;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * By what a changed file is known.
 *
 * @param modified as exact as the file system has it
 * @param key which file it is, also under the same name; null where the file system does not tell
 * @param young whether it was changed just before this was looked up: then a further change may leave the same time and size
 */
record FileStamp(FileTime modified, long size, @Nullable Object key, boolean young) {
    /** Above the resolution of file systems: 4 ms of Linux, 2 s of FAT. */
    private static final Duration YOUNG = Duration.ofSeconds(2);

    /** Returns whether a file that looks like this now has certainly not been changed since it looked as the other one. */
    boolean isSurely(FileStamp now) {
        return !young && equals(now);
    }

    /** Returns the YAML files of the folder, not of folders in it, sorted by name. */
    static SortedMap<Path, FileStamp> ofManifests(Path directory) throws IOException {
        SortedMap<Path, FileStamp> stamps = new TreeMap<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory, FileStamp::isManifest)) {
            for (Path file : files) {
                try {
                    BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
                    if (attributes.isRegularFile()) {
                        stamps.put(file, of(attributes));
                    }
                } catch (NoSuchFileException e) {
                    // It went just now, as if it had gone before.
                }
            }
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
        return stamps;
    }

    private static FileStamp of(BasicFileAttributes attributes) {
        long age = System.currentTimeMillis() - attributes.lastModifiedTime().toMillis();
        return new FileStamp(
                attributes.lastModifiedTime(), attributes.size(), attributes.fileKey(), age < YOUNG.toMillis());
    }

    /** Hidden files are editors' temporary copies. */
    private static boolean isManifest(Path file) {
        String name = file.getFileName().toString().toLowerCase(Locale.ROOT);
        return !name.startsWith(".") && (name.endsWith(".yaml") || name.endsWith(".yml"));
    }
}
