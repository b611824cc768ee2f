/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.manifests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.xdslb.controlplane.kubernetes.ObjectPruning;
import dev.xdslb.controlplane.topology.TopologyObject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What of a folder is read again. */
class ManifestReaderTest {
    private static final String BROKEN = "metadata: [";

    @TempDir
    private Path directory;

    private final Map<Path, Deque<String>> texts = new HashMap<>(); // the last one stays
    private final List<String> read = new ArrayList<>();
    private final Unconfirmed unconfirmed = new Unconfirmed();
    private final ManifestReader reader = new ManifestReader(new ObjectPruning(List.of()), file -> {
        read.add(file.getFileName().toString());
        Deque<String> left = texts.get(file);
        return left.size() > 1 ? left.remove() : left.element();
    });
    private final SortedMap<Path, FileStamp> stamps = new TreeMap<>();

    @BeforeEach
    void twoFiles() throws Exception {
        write("a.yaml", 1, node("a"));
        write("b.yaml", 1, node("b"));
        objects();
        read.clear();
    }

    @Test
    void fileThatLooksAsBefore_isNeitherReadNorParsed() throws Exception {
        List<TopologyObject> before = objects();
        write("b.yaml", 2, node("b2"));

        List<TopologyObject> after = objects();

        assertThat(read).containsExactly("b.yaml");
        assertThat(after.get(0)).isSameAs(before.get(0));
        assertThat(after.get(1)).isNotEqualTo(before.get(1));
    }

    /** Within the resolution of its times a file may change twice and look as before. */
    @Test
    void fileThatWasChangedJustBefore_isReadAgain_andParsedOnlyIfItDiffers() throws Exception {
        stamps.replaceAll((file, stamp) -> new FileStamp(stamp.modified(), stamp.size(), stamp.key(), true));
        List<TopologyObject> before = objects();
        read.clear();
        texts.put(file("b.yaml"), new ArrayDeque<>(List.of(node("b2"))));

        List<TopologyObject> after = objects();

        assertThat(read).containsExactly("a.yaml", "b.yaml");
        assertThat(after.get(0)).isSameAs(before.get(0));
        assertThat(after.get(1)).isNotEqualTo(before.get(1));
    }

    @Test
    void fileThatIsGone_isNotThere() throws Exception {
        stamps.remove(file("a.yaml"));
        assertThat(objects()).hasSize(1);

        write("a.yaml", 1, node("a"));
        assertThat(objects()).hasSize(2);
        assertThat(read).containsExactly("a.yaml");
    }

    @Test
    void brokenFileThatIsWrittenAtThisMoment_isReadAgainAtOnce() throws Exception {
        write("b.yaml", 2, BROKEN, BROKEN, node("b2"));

        assertThat(objects()).hasSize(2);
        assertThat(read).containsExactly("b.yaml", "b.yaml", "b.yaml");
    }

    @Test
    void brokenFile_isBroken() throws Exception {
        write("b.yaml", 2, BROKEN);
        Files.setLastModifiedTime(file("b.yaml"), FileTime.from(Instant.now().minusSeconds(5)));

        assertThatThrownBy(this::objects).hasMessageStartingWith("b.yaml, line 1");
        assertThat(read).containsExactly("b.yaml");
    }

    private List<TopologyObject> objects() throws Exception {
        unconfirmed.begin(0);
        return reader.read(stamps, unconfirmed).objects();
    }

    private void write(String name, int version, String... successively) throws Exception {
        Files.writeString(file(name), "for its time only");
        texts.put(file(name), new ArrayDeque<>(List.of(successively)));
        stamps.put(file(name), new FileStamp(FileTime.fromMillis(version), 1, null, false));
    }

    private Path file(String name) {
        return directory.resolve(name);
    }

    private static String node(String name) {
        return "{apiVersion: v1, kind: Node, metadata: {name: " + name + "}}";
    }
}
