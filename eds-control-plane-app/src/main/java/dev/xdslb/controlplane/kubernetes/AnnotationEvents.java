/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.kubernetes;

import com.google.common.hash.Hashing;
import dev.xdslb.controlplane.fault.FaultBoundary;
import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.EventBuilder;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.net.HttpURLConnection;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Says what is wrong with the annotations of an object where its owner looks: as an Event on it. Each text is said once, also by
 * several replicas, because the Event's name is made of it. Nothing waits for that, and a cluster that refuses it, or is
 * slow, loses nothing but these Events.
 *
 * <p>The informers' threads tell what they see; one thread of its own, which is there only when it has something to say,
 * writes, a few times a second.
 */
final class AnnotationEvents implements AutoCloseable {
    static final String REASON = "InvalidAnnotation";

    private static final String COMPONENT = "eds-control-plane";
    private static final int MAX_OBJECTS = 10_000; // whose texts are remembered
    private static final int MAX_WAITING = 1_000;
    private static final long PACE_MILLIS = 200; // kube-apiserver limits Events by their source, too
    private static final int MAX_NAME = 220; // of 253, with the hash behind
    private static final int MAX_MESSAGE = 1_024; // of events.k8s.io

    private static final Logger logger = LoggerFactory.getLogger(AnnotationEvents.class);

    private final KubernetesClient client;
    private final FaultBoundary boundary;
    private final ThreadPoolExecutor writer;
    private final Map<String, List<String>> said = new LinkedHashMap<>(16, 0.75f, true) { // guarded by itself
                private static final long serialVersionUID = 1;

                @Override
                protected boolean removeEldestEntry(Map.Entry<String, List<String>> eldest) {
                    return size() > MAX_OBJECTS;
                }
            };
    private boolean failing; // confined to the writer, as said in the log

    AnnotationEvents(KubernetesClient client, FaultBoundary boundary) {
        this.client = client;
        this.boundary = boundary;
        this.writer = new ThreadPoolExecutor(
                1,
                1,
                10,
                TimeUnit.SECONDS,
                new ArrayBlockingQueue<>(MAX_WAITING),
                task -> {
                    Thread thread = new Thread(task, "xds-lb-events of " + client.getMasterUrl());
                    thread.setDaemon(true);
                    return thread;
                },
                (task, executor) -> logger.debug("more than {} Events wait, one is left out", MAX_WAITING));
        writer.allowCoreThreadTimeOut(true);
    }

    /**
     * Learns how an object is.
     *
     * @param problems for people; empty when nothing is wrong
     */
    void look(HasMetadata object, List<String> problems) {
        look(object, REASON, problems);
    }

    /** Learns the same, for another reason than annotations. */
    void look(HasMetadata object, String reason, List<String> problems) {
        ObjectMeta metadata = object.getMetadata();
        String key = metadata.getUid() == null
                ? object.getKind() + " " + metadata.getNamespace() + "/" + metadata.getName()
                : metadata.getUid();
        List<String> before;
        synchronized (said) {
            before = problems.isEmpty() ? said.remove(key) : said.put(key, problems);
        }
        for (String problem : problems) {
            if (before == null || !before.contains(problem)) {
                Event event = event(object, reason, problem);
                writer.execute(() -> boundary.run("Events", () -> write(event)));
            }
        }
    }

    @Override
    public void close() {
        writer.shutdownNow();
    }

    private void write(Event event) {
        try {
            client.v1()
                    .events()
                    .inNamespace(event.getMetadata().getNamespace())
                    .resource(event)
                    .create();
            succeeded();
        } catch (KubernetesClientException e) {
            if (e.getCode() == HttpURLConnection.HTTP_CONFLICT) {
                succeeded(); // another replica was first
            } else if (!failing && !writer.isShutdown()) {
                failing = true;
                logger.warn(
                        "Events cannot be written, so /debug/endpoints and the log alone say what is wrong with annotations: {}"
                                + " (expected: create on events, as in kubernetes/rbac.yaml; or set xds-lb.control-plane.events=false)",
                        e.getMessage());
            }
        }
        try {
            TimeUnit.MILLISECONDS.sleep(PACE_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // closed
        }
    }

    private void succeeded() {
        if (failing) {
            failing = false;
            logger.info("Events are written again");
        }
    }

    private static Event event(HasMetadata object, String reason, String problem) {
        ObjectMeta metadata = object.getMetadata();
        String now = Instant.now().truncatedTo(ChronoUnit.SECONDS).toString();
        return new EventBuilder()
                .withNewMetadata()
                .withNamespace(metadata.getNamespace())
                .withName(name(metadata, problem))
                .endMetadata()
                .withNewInvolvedObject()
                .withApiVersion(object.getApiVersion())
                .withKind(object.getKind())
                .withNamespace(metadata.getNamespace())
                .withName(metadata.getName())
                .withUid(metadata.getUid())
                .withResourceVersion(metadata.getResourceVersion())
                .endInvolvedObject()
                .withType("Warning")
                .withReason(reason)
                .withMessage(problem.length() > MAX_MESSAGE ? problem.substring(0, MAX_MESSAGE) : problem)
                .withNewSource()
                .withComponent(COMPONENT)
                .endSource()
                .withFirstTimestamp(now)
                .withLastTimestamp(now)
                .withCount(1)
                .build();
    }

    /** The same for every replica, and another one for the same text on an object that was made anew. */
    private static String name(ObjectMeta metadata, String problem) {
        String name = metadata.getName();
        String start = name.length() > MAX_NAME ? name.substring(0, MAX_NAME) : name;
        while (!Character.isLetterOrDigit(start.charAt(start.length() - 1))) {
            start = start.substring(0, start.length() - 1);
        }
        return start + "."
                + Hashing.sha256()
                        .hashString(metadata.getUid() + "\n" + problem, StandardCharsets.UTF_8)
                        .toString()
                        .substring(0, 16);
    }
}
