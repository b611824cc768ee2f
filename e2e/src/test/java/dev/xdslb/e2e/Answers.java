/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.e2e;

import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** The answers to a load, and what the tests want to know of them. */
record Answers(List<Answer> all) {

    Answers {
        all = List.copyOf(all);
    }

    List<Answer> failures() {
        return all.stream().filter(Answer::failed).toList();
    }

    /** Number of failures by what they are: the status, or what kind of failure there was instead of one. */
    Map<String, Long> failureKinds() {
        return failures().stream()
                .collect(Collectors.groupingBy(
                        answer -> answer.status() != 0
                                ? String.valueOf(answer.status())
                                : answer.body()
                                        .replace("java.util.concurrent.CompletionException: ", "")
                                        .split(":", 2)[0],
                        TreeMap::new,
                        Collectors.counting()));
    }

    /** Answers to requests that were sent at this time, by {@link System#nanoTime()}, or later. */
    Answers sentSince(long nanoTime) {
        return new Answers(
                all.stream().filter(answer -> answer.sentAt() - nanoTime >= 0).toList());
    }

    /** Number of answers by pod; a pod that is named and answered nothing counts as zero. */
    Map<String, Long> byPod(Collection<String> pods) {
        Map<String, Long> counts = new TreeMap<>();
        pods.forEach(pod -> counts.put(pod, 0L));
        all.stream().map(Answer::pod).filter(Objects::nonNull).forEach(pod -> counts.merge(pod, 1L, Long::sum));
        return counts;
    }

    /** The busiest pod's share of what one of these pods gets on average; 1 is perfectly even. */
    double maxOverMean(Collection<String> pods) {
        return shareOfMean(
                pods,
                byPod(pods).values().stream().mapToLong(Long::longValue).max().orElseThrow());
    }

    /** A pod's share of what one of these pods gets on average. */
    double shareOfMean(Collection<String> pods, String pod) {
        return shareOfMean(pods, byPod(pods).get(pod));
    }

    /**
     * How long after that time, by {@link System#nanoTime()}, the pod's last answer came; negative when it came before.
     * The request reached the pod earlier than that.
     */
    Duration lastAnswerAfter(long nanoTime, String pod) {
        return all.stream()
                .filter(answer -> pod.equals(answer.pod()))
                .map(answer -> Duration.ofNanos(answer.endedAt() - nanoTime))
                .max(Duration::compareTo)
                .orElseThrow(() -> new AssertionError("pod " + pod + " answered no request"));
    }

    private double shareOfMean(Collection<String> pods, long count) {
        return count
                * (double) pods.size()
                / byPod(pods).values().stream().mapToLong(Long::longValue).sum();
    }

    @Override
    public String toString() {
        return all.size() + " answers, " + failures().size() + " failed, by pod "
                + all.stream()
                        .collect(Collectors.groupingBy(
                                answer -> String.valueOf(answer.pod()), TreeMap::new, Collectors.counting()));
    }
}
