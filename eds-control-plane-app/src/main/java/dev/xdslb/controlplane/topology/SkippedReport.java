/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.topology;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What is not served, and why; logged when it begins. Written by the writer thread, read by everybody. */
final class SkippedReport {
    private static final Logger logger = LoggerFactory.getLogger(SkippedReport.class);

    private final Map<ServiceKey, Set<SkippedObject>> ofServices = new ConcurrentHashMap<>();
    private volatile Set<SkippedObject> elsewhere = Set.of();

    /** Returns all of it, that of services last and in their order. */
    List<SkippedObject> all() {
        List<SkippedObject> all = new ArrayList<>(elsewhere);
        new TreeMap<>(ofServices).values().forEach(all::addAll);
        return all;
    }

    void ofService(ServiceKey key, Set<SkippedObject> now) {
        Set<SkippedObject> before = now.isEmpty() ? ofServices.remove(key) : ofServices.put(key, now);
        logNew(before == null ? Set.of() : before, now);
    }

    /** Takes what belongs to no service. */
    void elsewhere(Set<SkippedObject> now) {
        Set<SkippedObject> before = elsewhere;
        if (!now.equals(before)) {
            elsewhere = Collections.unmodifiableSet(now);
            logNew(before, now);
        }
    }

    private static void logNew(Set<SkippedObject> before, Set<SkippedObject> now) {
        for (SkippedObject object : now) {
            if (!before.contains(object)) {
                logger.warn("{}", object);
            }
        }
    }
}
