/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.xds;

import com.google.protobuf.Any;
import com.google.rpc.Status;
import dev.xdslb.xds.proto.ClusterLoadAssignment;
import dev.xdslb.xds.proto.Resource;
import io.grpc.Status.Code;
import java.time.Clock;
import java.time.Duration;
import java.util.Collection;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentSkipListMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All endpoint lists that are watched.
 *
 * <p>A name stays in the table until the stream has taken it back from the control plane. Somebody who watches it again
 * before that finds the data still there, where the control plane would see no reason to send them once more.
 *
 * <p>Confined to the client's executor; only {@link #status()} may be called by any thread.
 */
final class ResourceTable implements SubscribedType {
    private static final Logger log = LoggerFactory.getLogger(ResourceTable.class);

    private static final Set<Code> PASSING = EnumSet.of(
            Code.CANCELLED,
            Code.UNKNOWN,
            Code.DEADLINE_EXCEEDED,
            Code.RESOURCE_EXHAUSTED,
            Code.ABORTED,
            Code.INTERNAL,
            Code.UNAVAILABLE);

    private final String server;
    private final Duration answerTimeout;
    private final SerialExecutor executor;
    private final Clock clock;
    private final ConcurrentSkipListMap<String, WatchedResource> resources = new ConcurrentSkipListMap<>();
    private @Nullable String outage;
    private String sotwVersion = "";
    private String namelessProblem = "";

    /**
     * Makes an empty table.
     *
     * @param server what reasons call the control plane
     */
    ResourceTable(String server, Duration answerTimeout, SerialExecutor executor, Clock clock) {
        this.server = server;
        this.answerTimeout = answerTimeout;
        this.executor = executor;
        this.clock = clock;
    }

    List<XdsStatus.Resource> status() {
        return resources.values().stream().map(WatchedResource::status).toList();
    }

    void add(Watch watch) {
        WatchedResource resource = resources.get(watch.resource());
        if (resource == null) {
            resource = new WatchedResource(watch.resource(), clock);
            resources.put(watch.resource(), resource);
            if (outage != null) {
                resource.unavailable(outage);
            }
        }
        resource.add(watch);
    }

    void remove(Watch watch) {
        WatchedResource resource = resources.get(watch.resource());
        if (resource != null) {
            resource.remove(watch);
        }
    }

    @Override
    public String typeUrl() {
        return AdsMethods.ENDPOINTS_TYPE_URL;
    }

    /** Forgets what nobody watches any more and returns the names that are left. */
    @Override
    public Set<String> takeNames() {
        resources.values().removeIf(resource -> {
            if (!resource.isWatched()) {
                resource.stopWaiting();
            }
            return !resource.isWatched();
        });
        return new TreeSet<>(resources.keySet());
    }

    @Override
    public Map<String, String> versions() {
        Map<String, String> versions = new TreeMap<>();
        resources.forEach((name, resource) -> {
            if (!resource.version().isEmpty()) {
                versions.put(name, resource.version());
            }
        });
        return versions;
    }

    /**
     * Returns the version of the newest state of the world that was accepted; empty also when something is watched that was
     * not in it: told a version that is its own, a control plane may think that there is nothing to send.
     */
    @Override
    public String sotwVersionToResume() {
        return resources.values().stream().allMatch(WatchedResource::hasSnapshot) ? sotwVersion : "";
    }

    @Override
    public String sotwVersion() {
        return sotwVersion;
    }

    @Override
    public void sotwVersion(String version) {
        sotwVersion = version;
    }

    /** Each owes an answer, unless it has a version that may still be the newest. */
    @Override
    public void asked(Collection<String> names) {
        for (String name : names) {
            WatchedResource resource = resources.get(name);
            if (resource != null && !resource.hasSnapshot()) {
                String reason =
                        server + " has said nothing about " + name + " within " + answerTimeout.toMillis() + " ms";
                resource.asked(executor.schedule(() -> resource.withoutAnswer(reason), answerTimeout.toNanos()));
            }
        }
    }

    @Override
    public @Nullable String offer(Resource offered) {
        WatchedResource resource = resources.get(offered.getName());
        if (resource == null) {
            return offered.getName().isEmpty() ? "a resource without a name" : null; // or one no longer wanted
        }
        try {
            accept(offered.getName(), resource, offered.getVersion(), EndpointDecoder.parse(offered.getResource()));
            return null;
        } catch (UnusableResourceException e) {
            return refuse(offered.getName(), resource, e);
        }
    }

    @Override
    public @Nullable String offer(Any offered, String version) {
        ClusterLoadAssignment assignment;
        try {
            assignment = EndpointDecoder.parse(offered);
            if (assignment.getClusterName().isEmpty()) {
                throw new UnusableResourceException("cluster_name: empty (expected: the name that was asked for)");
            }
        } catch (UnusableResourceException e) {
            return refuse(e);
        }
        String name = assignment.getClusterName();
        WatchedResource resource = resources.get(name);
        if (resource == null) {
            return null; // no longer wanted
        }
        try {
            accept(name, resource, version, assignment);
            return null;
        } catch (UnusableResourceException e) {
            return refuse(name, resource, e);
        }
    }

    @Override
    public void removed(String name, @Nullable Status error) {
        WatchedResource resource = resources.get(name);
        if (resource == null) {
            return;
        }
        String said = error == null ? "" : error.getMessage();
        resource.absent(said.isEmpty() ? server + " knows no " + name : server + " says: " + said);
    }

    @Override
    public void errors(Map<String, Status> errors) {
        errors.forEach((name, error) -> {
            Code code = io.grpc.Status.fromCodeValue(error.getCode()).getCode();
            WatchedResource resource = resources.get(name);
            if (resource != null && isPassing(code)) {
                resource.withoutAnswer(server + " has no answer for " + name + ": " + code + ", " + error.getMessage());
            } else if (code != Code.OK) {
                removed(name, error);
            }
        });
    }

    /** Whether a control plane that says this of a name does not know better at the moment. */
    static boolean isPassing(Code code) {
        return PASSING.contains(code);
    }

    /** The stream is gone and with it every answer that was due. */
    void streamEnded() {
        resources.values().forEach(WatchedResource::stopWaiting);
    }

    /** The control plane cannot be reached, for this reason, which may differ from the one given before. */
    void outage(String reason) {
        outage = reason;
        resources.values().forEach(resource -> resource.unavailable(reason));
    }

    /** The control plane is there again. */
    void outageOver() {
        String reason = outage;
        if (reason != null) {
            outage = null;
            resources.values().forEach(resource -> resource.troubleOver(reason));
        }
    }

    private static void accept(String name, WatchedResource resource, String version, ClusterLoadAssignment assignment)
            throws UnusableResourceException {
        resource.accept(version, EndpointDecoder.decode(name, assignment));
    }

    private String refuse(String name, WatchedResource resource, UnusableResourceException e) {
        String problem = name + ": " + e.getMessage();
        if (resource.refuse(problem, server + " sent an endpoint list that cannot be used: " + problem)) {
            log.warn(
                    "{} sent an endpoint list that cannot be used, {}: {}",
                    server,
                    resource.hasSnapshot() ? "the one before it stays in use" : "there is none before it",
                    problem);
        }
        return problem;
    }

    /** What is wrong with a resource that does not even have a name. */
    private String refuse(UnusableResourceException e) {
        String problem = String.valueOf(e.getMessage());
        if (!problem.equals(namelessProblem)) {
            namelessProblem = problem;
            log.warn("{} sent something that is no endpoint list: {}", server, problem);
        }
        return problem;
    }
}
