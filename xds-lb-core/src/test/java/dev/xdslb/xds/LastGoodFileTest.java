/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.xds;

import static dev.xdslb.xds.Answers.delta;
import static dev.xdslb.xds.Answers.resource;
import static org.assertj.core.api.Assertions.assertThat;

import dev.xdslb.endpoint.Endpoint;
import dev.xdslb.endpoint.EndpointHealth;
import dev.xdslb.endpoint.Locality;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class LastGoodFileTest {
    private static final List<Endpoint> ENDPOINTS = List.of(
            Endpoint.builder("10.0.0.1", 8080)
                    .pod("orders-1", "uid-1")
                    .locality(new Locality("eu", "eu-a", "rack-1"))
                    .weight(7)
                    .priority(1)
                    .readySince(Instant.parse("2026-01-01T00:00:00Z"))
                    .shard("s")
                    .labels(Map.of("app", "orders"))
                    .build(),
            Endpoint.builder("fd00::2", 8081).health(EndpointHealth.DEGRADED).build(),
            Endpoint.builder("10.0.0.3", 8080).health(EndpointHealth.UNHEALTHY).build(),
            Endpoint.builder("10.0.0.4", 8080).health(EndpointHealth.DRAINING).build());

    @TempDir
    private Path folder;

    private final ManualExecutor executor = new ManualExecutor();
    private final LogRecorder log = new LogRecorder();

    @AfterEach
    void stop() {
        log.close();
    }

    @Test
    void everythingThatIsKnownOfAnEndpoint_isThereAtTheNextStart() throws IOException {
        LastGoodFile file = file();
        file.remember("orders.shop:8080", ENDPOINTS);
        file.remember("empty.shop:8080", List.of());
        file.close();

        assertThat(file().endpoints("orders.shop:8080")).isEqualTo(ENDPOINTS);
        assertThat(file().endpoints("empty.shop:8080")).isEmpty();
        assertThat(file().endpoints("users.shop:8080")).isEmpty();
        assertThat(filesInFolder()).containsExactly("last-good");
    }

    @Test
    void changesAreWrittenAfterASecond_andThenAtMostEveryTen() {
        LastGoodFile file = file();
        file.remember("orders.shop:8080", ENDPOINTS);
        assertThat(path()).doesNotExist();
        executor.advance(Duration.ofSeconds(1));
        assertThat(path()).exists();

        file.remember("orders.shop:8080", ENDPOINTS.subList(0, 1));
        executor.advance(Duration.ofSeconds(9));
        assertThat(file().endpoints("orders.shop:8080")).hasSize(4);
        executor.advance(Duration.ofSeconds(1));
        assertThat(file().endpoints("orders.shop:8080")).hasSize(1);

        file.remember("orders.shop:8080", ENDPOINTS.subList(0, 1));
        assertThat(executor.waiting()).as("nothing is new").isZero();
    }

    @Test
    void whatNobodyHasAskedForYet_isKept() {
        LastGoodFile before = file();
        before.remember("orders.shop:8080", ENDPOINTS);
        before.remember("users.shop:8080", ENDPOINTS);
        before.remember("gone.shop:8080", ENDPOINTS);
        before.close();

        LastGoodFile now = file();
        now.remember("users.shop:8080", ENDPOINTS.subList(0, 2));
        now.forget("gone.shop:8080");
        now.close();

        assertThat(file().endpoints("orders.shop:8080")).hasSize(4);
        assertThat(file().endpoints("users.shop:8080")).hasSize(2);
        assertThat(file().endpoints("gone.shop:8080")).isEmpty();
    }

    @Test
    void newsBeatWhatIsInTheFile() {
        LastGoodFile before = file();
        before.remember("orders.shop:8080", ENDPOINTS);
        before.close();

        LastGoodFile now = file();
        now.remember("orders.shop:8080", ENDPOINTS.subList(0, 1));
        assertThat(now.endpoints("orders.shop:8080")).hasSize(1);
    }

    /** What a file may look like that is not whole, or not ours. */
    enum Damage {
        EMPTY,
        CUT_IN_THE_HEADER,
        CUT_IN_THE_CONTENT,
        ONE_BIT,
        ANOTHER_FORMAT,
        SOMETHING_ELSE,
        A_FOLDER
    }

    @ParameterizedTest
    @EnumSource
    void damagedFile_isSaidAndNotUsed(Damage damage) throws IOException {
        LastGoodFile before = file();
        before.remember("orders.shop:8080", ENDPOINTS);
        before.close();
        byte[] good = Files.readAllBytes(path());
        Files.delete(path());
        switch (damage) {
            case EMPTY -> Files.write(path(), new byte[0]);
            case CUT_IN_THE_HEADER -> Files.write(path(), Arrays.copyOf(good, 20));
            case CUT_IN_THE_CONTENT -> Files.write(path(), Arrays.copyOf(good, good.length - 1));
            case ONE_BIT -> {
                good[good.length / 2] ^= 1;
                Files.write(path(), good);
            }
            case ANOTHER_FORMAT ->
                Files.write(
                        path(),
                        new String(good, StandardCharsets.ISO_8859_1)
                                .replace("format 1", "format 2")
                                .getBytes(StandardCharsets.ISO_8859_1));
            case SOMETHING_ELSE -> Files.writeString(path(), "orders.shop:8080 = 10.0.0.1\n".repeat(100));
            case A_FOLDER -> Files.createDirectory(path());
        }

        LastGoodFile now = file();
        assertThat(now.endpoints("orders.shop:8080")).isEmpty();
        assertThat(now.endpoints("orders.shop:8080")).isEmpty();

        assertThat(log.lines).hasSize(1);
        assertThat(log.lines.get(0)).startsWith("WARN " + path() + ": the last good endpoints are not used: ");
        if (damage != Damage.A_FOLDER) {
            now.remember("orders.shop:8080", ENDPOINTS);
            now.close();
            assertThat(file().endpoints("orders.shop:8080")).isEqualTo(ENDPOINTS);
        }
    }

    @Test
    void folderThatCannotBeWritten_isSaidOnceUntilItCan() throws IOException {
        Path blocked = folder.resolve("blocked");
        Files.writeString(blocked, "a file where a folder is to be");
        LastGoodFile file = new LastGoodFile(blocked.resolve("last-good"), executor.clock(), executor);
        file.remember("orders.shop:8080", ENDPOINTS);
        executor.advance(Duration.ofMinutes(1));
        assertThat(log.lines).hasSize(1);
        assertThat(log.lines.get(0)).contains("cannot be written").contains("make the folder writable");

        Files.delete(blocked);
        executor.advance(Duration.ofSeconds(10));
        assertThat(log.lines).hasSize(2);
        assertThat(log.lines.get(1)).contains("written again");
        assertThat(blocked.resolve("last-good")).exists();
    }

    @Test
    void closeDuringAWrite_losesNothing() throws IOException {
        for (int i = 0; i < 20; i++) {
            LastGoodFile file =
                    new LastGoodFile(path(), executor.clock(), Executors.newSingleThreadScheduledExecutor());
            for (int service = 0; service < 50; service++) {
                file.remember("service-" + service + ".shop", ENDPOINTS);
            }
            Thread writing = new Thread(file::close); // two at once: each writes, or waits for who does
            writing.start();
            file.close();
            assertThat(file().endpoints("service-49.shop")).isEqualTo(ENDPOINTS);
            joined(writing);
            Files.delete(path());
        }
        assertThat(log.lines).noneMatch(line -> line.startsWith("WARN"));
    }

    @Test
    void whatAKilledProcessHasLeft_isRemoved() throws IOException {
        Path old = Files.writeString(folder.resolve("last-good123.new"), "half");
        Files.setLastModifiedTime(old, FileTime.from(Instant.now().minus(Duration.ofHours(1))));
        Path underWay = Files.writeString(folder.resolve("last-good456.new"), "half");
        LastGoodFile file = file();
        file.remember("orders.shop:8080", ENDPOINTS);
        file.close();

        assertThat(old).doesNotExist();
        assertThat(underWay).as("another process may be writing it").exists();
    }

    private static void joined(Thread thread) {
        try {
            thread.join();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void namesAreBounded_theOldestGo() {
        LastGoodFile file = file();
        for (int i = 0; i < LastGoodFile.MAX_RESOURCES + 1; i++) {
            file.remember("service-" + i + ".shop", ENDPOINTS);
        }
        assertThat(file.endpoints("service-0.shop")).isEmpty();
        assertThat(file.endpoints("service-1.shop")).isNotEmpty();
        assertThat(file.endpoints("service-" + LastGoodFile.MAX_RESOURCES + ".shop"))
                .isNotEmpty();
    }

    @Test
    void tenThousandEndpoints_comeBackInTheirOrder() {
        List<Endpoint> many = IntStream.range(0, 10_000)
                .mapToObj(i -> Endpoint.builder("10.1." + i / 250 + '.' + (i % 250 + 1), 8080)
                        .locality(new Locality("eu", "eu-" + i % 3, ""))
                        .pod("pod-" + i, "uid-" + i)
                        .build())
                .toList();
        LastGoodFile file = file();
        file.remember("many.shop", many);
        file.close();
        assertThat(file().endpoints("many.shop")).isEqualTo(many);
    }

    @Test
    void clientKeepsWhatItIsTold_andForgetsWhatDoesNotExist() throws IOException {
        LastGoodFile file = file();
        try (ClientHarness harness = new ClientHarness(settings -> settings.lastGoodFile(file), XdsProtocol.DELTA)) {
            harness.watch("orders.shop:8080");
            harness.watch("users.shop:8080");
            harness.answer(delta("n1")
                    .addResources(resource("orders.shop:8080", "v1", "10.0.0.1:8080"))
                    .addResources(resource("users.shop:8080", "v1", "10.0.0.2:8080")));
            harness.answer(delta("n2").addRemovedResources("users.shop:8080"));
        }
        assertThat(file().endpoints("orders.shop:8080"))
                .extracting(Endpoint::address)
                .containsExactly("10.0.0.1:8080");
        assertThat(file().endpoints("users.shop:8080")).isEmpty();
    }

    private LastGoodFile file() {
        return new LastGoodFile(path(), executor.clock(), executor);
    }

    private Path path() {
        return folder.resolve("last-good");
    }

    private List<String> filesInFolder() throws IOException {
        try (var files = Files.list(folder)) {
            return new ArrayList<>(
                    files.map(file -> file.getFileName().toString()).toList());
        }
    }
}
