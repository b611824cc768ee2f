/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.xds;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Locale;
import java.util.zip.CRC32C;

/**
 * The form of the file with the last good endpoints: one line that names the form, its version and a checksum, and then the bytes.
 *
 * <pre>
 *  xds-lb last good endpoints, format 1, crc32c 1a2b3c4d
 *  ...
 * </pre>
 */
final class LastGoodFormat {
    /** 200,000 endpoints take about 40 MiB. */
    static final long MAX_BYTES = 64L << 20;

    private static final String UNFINISHED = ".new";
    private static final Duration LONGEST_WRITE = Duration.ofMinutes(10);
    private static final String NAME = "xds-lb last good endpoints, format ";
    private static final String VERSION = NAME + "1, crc32c ";
    private static final int HEADER_BYTES = VERSION.length() + 8 + 1;

    private LastGoodFormat() {}

    /** The file is there and is not what it should be. */
    static final class Refused extends IOException {
        private static final long serialVersionUID = 1;

        Refused(String message) {
            super(message);
        }
    }

    /** Replaces the file as a whole. */
    static void write(Path path, byte[] content) throws IOException {
        if (content.length + HEADER_BYTES > MAX_BYTES) {
            throw new Refused("it would be " + content.length + " bytes long (expected: at most " + MAX_BYTES + ')');
        }
        Path folder = path.getParent();
        Files.createDirectories(folder);
        removeUnfinished(path);
        Path whole = Files.createTempFile(folder, path.getFileName().toString(), UNFINISHED);
        try {
            try (FileChannel file = FileChannel.open(whole, StandardOpenOption.WRITE)) {
                writeAll(file, ByteBuffer.wrap(header(content).getBytes(StandardCharsets.US_ASCII)));
                writeAll(file, ByteBuffer.wrap(content));
                file.force(true);
            }
            Files.move(whole, path, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(whole);
        }
    }

    /** Removes what a process that was killed has left behind. */
    private static void removeUnfinished(Path path) throws IOException {
        FileTime longAgo = FileTime.from(Instant.now().minus(LONGEST_WRITE));
        try (DirectoryStream<Path> files =
                Files.newDirectoryStream(path.getParent(), file -> isUnfinished(file, path))) {
            for (Path file : files) {
                if (Files.getLastModifiedTime(file).compareTo(longAgo) < 0) {
                    Files.deleteIfExists(file);
                }
            }
        }
    }

    private static boolean isUnfinished(Path file, Path path) {
        String name = file.getFileName().toString();
        return name.startsWith(path.getFileName().toString()) && name.endsWith(UNFINISHED);
    }

    /**
     * Returns the content.
     *
     * @throws Refused when it is not whole, or not of this form
     */
    static byte[] read(Path path) throws IOException {
        long size = Files.size(path);
        if (size > MAX_BYTES) {
            throw new Refused("it is " + size + " bytes long (expected: at most " + MAX_BYTES + ')');
        }
        byte[] all = Files.readAllBytes(path);
        String begin = new String(all, 0, Math.min(all.length, HEADER_BYTES), StandardCharsets.US_ASCII);
        if (!begin.startsWith(VERSION) || all.length < HEADER_BYTES) {
            throw new Refused(
                    begin.startsWith(NAME) && !begin.startsWith(VERSION)
                            ? "it begins with \"" + begin.strip() + "\" (expected: format 1)"
                            : "it is not a file of last good endpoints, or was cut off");
        }
        byte[] content = Arrays.copyOfRange(all, HEADER_BYTES, all.length);
        if (!header(content).equals(begin)) {
            throw new Refused("its checksum is another one than that of its content: it is damaged");
        }
        return content;
    }

    private static String header(byte[] content) {
        CRC32C checksum = new CRC32C();
        checksum.update(content);
        return VERSION + String.format(Locale.ROOT, "%08x", checksum.getValue()) + '\n';
    }

    private static void writeAll(FileChannel file, ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            file.write(bytes);
        }
    }
}
