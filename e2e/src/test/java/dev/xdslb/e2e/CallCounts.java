/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.e2e;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** What a client of {@code e2e/clients} says: a line for each second, such as {@code pod-1=33 pod-2=34}. */
final class CallCounts {

    private static final Duration LIMIT = Duration.ofSeconds(30);

    private final Path log;

    CallCounts(Path log) {
        this.log = log;
    }

    /** Returns the calls of the last second by pod; empty where nothing was said yet. */
    Map<String, Integer> last() {
        return since(Math.max(0, seconds() - 1));
    }

    /** Returns for how many seconds calls were counted so far. */
    int seconds() {
        return lines().size();
    }

    /** Returns the calls by pod without those of the first seconds. */
    Map<String, Integer> since(int seconds) {
        Map<String, Integer> counts = new TreeMap<>();
        List<String> lines = lines();
        for (String line : lines.subList(Math.min(seconds, lines.size()), lines.size())) {
            for (String word : line.split(" ", -1)) {
                int sign = word.indexOf('=');
                counts.merge(word.substring(0, sign), Integer.valueOf(word.substring(sign + 1)), Integer::sum);
            }
        }
        return counts;
    }

    /** Waits until these pods, and no others, answer. */
    void awaitAnswersFrom(Set<String> pods) {
        await("answers from " + pods).atMost(LIMIT).until(() -> last().keySet().equals(pods));
    }

    /** Returns the counts of the next so many calls; what was said before does not count. */
    Map<String, Integer> next(int enough) {
        return next(seconds(), enough);
    }

    /** Returns the counts of so many calls; those of the first seconds do not count. */
    Map<String, Integer> next(int from, int enough) {
        await(enough + " calls").atMost(LIMIT).until(() -> sum(since(from)) >= enough);
        return since(from);
    }

    static int sum(Map<String, Integer> counts) {
        return counts.values().stream().mapToInt(Integer::intValue).sum();
    }

    static double share(Map<String, Integer> counts, String pod) {
        return counts.getOrDefault(pod, 0) / (double) Math.max(1, sum(counts));
    }

    private List<String> lines() {
        try {
            String text = Files.readString(log);
            String whole = text.substring(0, text.lastIndexOf('\n') + 1); // the last line may be half written
            return whole.lines()
                    .filter(line -> line.matches("[\\w-]+=\\d+( [\\w-]+=\\d+)*"))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
