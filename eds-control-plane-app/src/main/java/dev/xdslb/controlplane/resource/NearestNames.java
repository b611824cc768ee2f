/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.resource;

import dev.xdslb.controlplane.topology.ServiceKey;
import dev.xdslb.controlplane.topology.ServiceView;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;

/** Finds what somebody may have meant who asks for a service that does not exist. */
final class NearestNames {

    static final int LIMIT = 3;

    /** Bounds the work of one search, about a millisecond. */
    private static final int MAX_SERVICES = 20_000;

    private NearestNames() {}

    private record Candidate(ServiceView service, int distance, boolean sameNamespace) {}

    /** Returns canonical names, the nearest first; empty when nothing is near. */
    static List<String> of(ServiceKey asked, Collection<ServiceView> services) {
        // One typing error in three letters still reads as the same word, more of them do not.
        int limit = Math.max(1, asked.name().length() / 3);
        List<Candidate> candidates = new ArrayList<>();
        int searched = 0;
        for (ServiceView service : services) {
            if (searched++ == MAX_SERVICES) {
                break;
            }
            int distance = distance(asked.name(), service.key().name(), limit);
            if (distance <= limit && !service.ports().isEmpty()) {
                candidates.add(new Candidate(
                        service, distance, service.key().namespace().equals(asked.namespace())));
            }
        }
        candidates.sort(Comparator.comparingInt(Candidate::distance)
                .thenComparing(Candidate::sameNamespace, Comparator.reverseOrder())
                .thenComparing(candidate -> candidate.service().key()));
        return candidates.stream()
                .flatMap(candidate -> candidate.service().ports().stream()
                        .map(port -> ResourceName.canonical(
                                candidate.service().key(), port.port().number())))
                .limit(LIMIT)
                .toList();
    }

    /** Returns the edit distance (Levenshtein), or some number above the limit as soon as it is sure to be above. */
    static int distance(String a, String b, int limit) {
        if (Math.abs(a.length() - b.length()) > limit) {
            return limit + 1;
        }
        int[] previous = new int[b.length() + 1];
        int[] current = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            previous[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            current[0] = i;
            int best = i;
            for (int j = 1; j <= b.length(); j++) {
                int replaced = previous[j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                current[j] = Math.min(replaced, 1 + Math.min(previous[j], current[j - 1]));
                best = Math.min(best, current[j]);
            }
            if (best > limit) {
                return limit + 1;
            }
            int[] swap = previous;
            previous = current;
            current = swap;
        }
        return previous[b.length()];
    }
}
