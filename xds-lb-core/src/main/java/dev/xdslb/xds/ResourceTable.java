/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.xds;

import com.google.rpc.Status;
import dev.xdslb.cluster.FaultBoundary;
import dev.xdslb.xds.ResourceDecoder.Content;
import dev.xdslb.xds.ResourceDecoder.Parsed;
import io.grpc.Status.Code;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What this process wants and knows of one type of resources. Outlives every stream: a stream asks for what is in here and
 * brings the answers.
 *
 * <p>A name stays in the table until the stream has taken it back from the control plane. Somebody who watches it again
 * before that finds the data still there, where the control plane would see no reason to send them once more.
 *
 * <p>Nothing is kept of what nobody watches, and what a control plane says in words is cut to {@value #MAX_WORDS} characters.
 *
 * <p>Confined to the client's executor; only {@link #status()} and {@link #received()} may be called by any thread.
 *
 * @param <T> what such a resource says
 */
final class ResourceTable<T> {
    private static final Logger log = LoggerFactory.getLogger(ResourceTable.class);

    private static final Set<Code> PASSING = EnumSet.of(
            Code.CANCELLED,
            Code.UNKNOWN,
            Code.DEADLINE_EXCEEDED,
            Code.RESOURCE_EXHAUSTED,
            Code.ABORTED,
            Code.INTERNAL,
            Code.UNAVAILABLE);

    /** Of a reason or problem that is kept, logged and sent back. */
    static final int MAX_WORDS = 500;

    /** A longer version is not kept: all of them together must fit into one request (gRPC's default limit is 4 MiB). */
    static final int MAX_VERSION = 256;

    /** After which a type that nobody answered for is asked for once more. */
    static final Duration PAUSE = Duration.ofHours(1);

    private final ResourceDecoder<?, T> decoder;
    private final String server;
    private final Duration answerTimeout;
    private final SerialExecutor executor;
    private final Clock clock;
    private final Runnable askAgain;
    private final FaultBoundary boundary;
    private final AskingCaution caution = new AskingCaution();
    private @Nullable Future<?> proof; // that the last question does no harm; null where that is known
    private final ConcurrentSkipListMap<String, WatchedResource<T>> resources = new ConcurrentSkipListMap<>();
    private @Nullable String outage;
    private boolean answering;
    private String sotwVersion = "";
    private String namelessProblem = "";
    private volatile Received received = new Received(0, 0);

    /**
     * Makes an empty table.
     *
     * @param server what reasons call the control plane
     * @param boundary around reading and around those who are told
     * @param askAgain run where other names are wanted than before, for no reason that a stream knows of
     */
    ResourceTable(
            ResourceDecoder<?, T> decoder,
            String server,
            Duration answerTimeout,
            SerialExecutor executor,
            Clock clock,
            FaultBoundary boundary,
            Runnable askAgain) {
        this.decoder = decoder;
        this.server = server;
        this.answerTimeout = answerTimeout;
        this.executor = executor;
        this.clock = clock;
        this.boundary = boundary;
        this.askAgain = askAgain;
    }

    /** How many resources came, and their size in bytes. */
    record Received(long resources, long bytes) {}

    Received received() {
        return received;
    }

    List<XdsStatus.Resource> status() {
        return resources.values().stream().map(WatchedResource::status).toList();
    }

    void add(String name, ResourceWatcher<T> watcher) {
        WatchedResource<T> resource = resources.get(name);
        if (resource == null) {
            resource = new WatchedResource<>(name, decoder, clock, boundary);
            resources.put(name, resource);
            if (outage != null) {
                resource.unavailable(outage);
            }
        }
        resource.add(watcher);
    }

    void remove(String name, ResourceWatcher<T> watcher) {
        WatchedResource<T> resource = resources.get(name);
        if (resource != null) {
            resource.remove(watcher);
        }
    }

    String typeUrl() {
        return decoder.typeUrl();
    }

    boolean isFullState() {
        return decoder.isFullState();
    }

    /**
     * Forgets what nobody watches any more and returns the names to ask for.
     *
     * @param proven whether the stream is good for all that was asked on it
     * @param lasting names that the stream cannot take back where no other name is wanted: the control plane would see no reason to
     *     send them once more
     */
    Set<String> takeNames(boolean proven, Set<String> lasting) {
        boolean unwatched = resources.values().stream().noneMatch(WatchedResource::isWatched);
        resources.entrySet().removeIf(entry -> {
            boolean forgotten = !entry.getValue().isWatched() && !(unwatched && lasting.contains(entry.getKey()));
            if (forgotten) {
                entry.getValue().stopWaiting();
            }
            return forgotten;
        });
        return caution.mayAsk(proven) ? new TreeSet<>(resources.keySet()) : Set.of();
    }

    /** Returns the version of each resource that is in use. */
    Map<String, String> versions() {
        Map<String, String> versions = new TreeMap<>();
        resources.forEach((name, resource) -> {
            if (!resource.version().isEmpty()) {
                versions.put(name, resource.version());
            }
        });
        return versions;
    }

    /**
     * Returns the version to begin a new stream with: of the newest state of the world that was accepted; empty, to be sent
     * everything, when something is watched that was not in it: told a version that is its own, a control plane may think that
     * there is nothing to send.
     */
    String sotwVersionToResume() {
        return resources.values().stream().allMatch(WatchedResource::hasContent) ? sotwVersion : "";
    }

    /** Returns the version of the newest state of the world that was accepted. */
    String sotwVersion() {
        return sotwVersion;
    }

    void sotwVersion(String version) {
        sotwVersion = version;
    }

    /** These names have been asked for on a stream. Each owes an answer, unless it has a version that may be the newest. */
    void asked(Collection<String> names) {
        boolean owed = false;
        for (String name : names) {
            WatchedResource<T> resource = resources.get(name);
            if (resource != null && !resource.hasContent()) {
                owed = true;
                String reason =
                        server + " has said nothing about " + name + " within " + answerTimeout.toMillis() + " ms";
                resource.asked(executor.schedule(() -> silent(resource, reason), answerTimeout.toNanos()));
            }
        }
        if (decoder.isOptional()) {
            caution.asked(owed);
            if (owed) { // whoever asked may have left by then
                stopWaitingForProof();
                proof = executor.schedule(this::proven, answerTimeout.toNanos());
            }
        }
    }

    /** The stream is still open: the question has done no harm. */
    private void proven() {
        caution.harmless();
        askAgain.run();
    }

    private void stopWaitingForProof() {
        if (proof != null) {
            proof.cancel(false);
            proof = null;
        }
    }

    /** Whether the stream might still end because this was asked on it. */
    boolean isOwed() {
        return caution.isOwed();
    }

    /** Whether the control plane has ever answered for this type. */
    boolean isAnswering() {
        return answering;
    }

    /** Takes an answer. Returns what is wrong with it, empty for nothing. */
    List<String> take(AdsAnswer answer) {
        caution.harmless();
        answering = true;
        received = new Received(received.resources() + answer.resources().size(), received.bytes() + answer.bytes());
        List<String> problems = new ArrayList<>();
        Map<String, Offered<T>> offers = new LinkedHashMap<>();
        for (AdsAnswer.Offer offer : answer.resources()) {
            try {
                String name = offer.name();
                if (name == null) {
                    Parsed<T> parsed = parse(offer);
                    collect(parsed.name(), new Offered<>(offer, parsed.content()), offers);
                } else {
                    collect(name, new Offered<>(offer, () -> read(name, offer)), offers);
                }
            } catch (UnusableResourceException e) {
                problems.add(refuse(e));
            }
        }
        offers.forEach((name, offered) -> {
            String problem = take(name, offered);
            if (problem != null) {
                problems.add(problem);
            }
        });
        Map<String, Status> errors = new HashMap<>(answer.errors());
        if (answer.stateOfTheWorld() && decoder.isFullState() && problems.isEmpty()) {
            resources.forEach((name, resource) -> {
                if (resource.hasContent() && !offers.containsKey(name) && !errors.containsKey(name)) {
                    removed(name, null);
                }
            });
        }
        answer.removed().forEach(name -> removed(name, errors.remove(name)));
        errors.forEach(this::error);
        return problems;
    }

    /** Whether something is watched that nothing is known of yet. */
    boolean awaitsFirstNews() {
        return !decoder.isOptional() && resources.values().stream().anyMatch(WatchedResource::awaitsFirstNews);
    }

    /** The stream is gone and with it every answer that was due. */
    void streamEnded() {
        stopWaitingForProof();
        resources.values().forEach(WatchedResource::stopWaiting);
        if (decoder.isOptional() && caution.streamEnded()) {
            String reason = AskingCaution.MAX_UNANSWERED + " streams of " + server
                    + " ended without an answer; it is not asked again for " + PAUSE.toHours() + " h";
            resources.values().forEach(resource -> resource.withoutAnswer(reason));
            Future<?> unused = executor.schedule(
                    () -> {
                        caution.tryAgain();
                        askAgain.run();
                    },
                    PAUSE.toNanos());
        }
    }

    /** The control plane cannot be reached, for this reason, which may differ from the one given before. */
    void outage(String reason) {
        if (!decoder.isOptional()) {
            outage = reason;
            resources.values().forEach(resource -> resource.unavailable(reason));
        }
    }

    /** The control plane is there again. */
    void outageOver() {
        String reason = outage;
        if (reason != null) {
            outage = null;
            resources.values().forEach(resource -> resource.troubleOver(reason));
        }
    }

    /** A resource of an answer, to be read where its name is watched. */
    private record Offered<T>(AdsAnswer.Offer offer, Content<T> content) {}

    /** Adds what is watched. A name that comes twice means something only where both say the same. */
    private void collect(String name, Offered<T> offered, Map<String, Offered<T>> offers)
            throws UnusableResourceException {
        if (name.isEmpty()) {
            throw new UnusableResourceException(
                    offered.offer().name() != null
                            ? "a resource without a name"
                            : decoder.nameField() + ": empty (expected: the name that was asked for)");
        }
        if (resources.containsKey(name)) { // else nobody asked for it, or no longer
            offers.merge(name, offered, (one, other) -> one.offer().equals(other.offer()) ? one : contradictory(one));
        }
    }

    private static <T> Offered<T> contradictory(Offered<T> one) {
        return new Offered<>(one.offer(), () -> {
            throw new UnusableResourceException("twice in one answer with different contents (expected: once)");
        });
    }

    private T read(String name, AdsAnswer.Offer offer) throws UnusableResourceException {
        Parsed<T> parsed = parse(offer);
        if (!parsed.name().equals(name)) {
            throw new UnusableResourceException(
                    decoder.nameField() + ": \"" + parsed.name() + "\" (expected: \"" + name + "\")");
        }
        return parsed.content().read();
    }

    private Parsed<T> parse(AdsAnswer.Offer offer) throws UnusableResourceException {
        try {
            return decoder.parse(offer.content());
        } catch (RuntimeException | Error e) {
            throw unreadable(e);
        }
    }

    /** Takes a resource that is watched. Returns what is wrong with it, null for nothing. */
    private @Nullable String take(String name, Offered<T> offered) {
        WatchedResource<T> resource = resources.get(name);
        if (resource == null) {
            return null; // whoever watched it has left at the news of another one
        }
        T content;
        try {
            content = offered.content().read();
        } catch (UnusableResourceException e) {
            return refuse(name, resource, e);
        } catch (RuntimeException | Error e) {
            return refuse(name, resource, unreadable(e));
        }
        String version = offered.offer().version();
        resource.accept(version.length() > MAX_VERSION ? "" : version, content);
        return null;
    }

    /** A defect of ours, which must cost neither the stream nor the other resources. */
    private UnusableResourceException unreadable(Throwable failure) {
        boundary.failed(failure);
        return new UnusableResourceException("cannot be read: " + failure);
    }

    private void removed(String name, @Nullable Status error) {
        WatchedResource<T> resource = resources.get(name);
        if (resource != null) {
            String said = error == null ? "" : cut(error.getMessage());
            resource.absent(said.isEmpty() ? server + " knows no " + name : server + " says: " + said);
        }
    }

    private void error(String name, Status error) {
        WatchedResource<T> resource = resources.get(name);
        Code code = io.grpc.Status.fromCodeValue(error.getCode()).getCode();
        if (resource != null && PASSING.contains(code)) {
            resource.withoutAnswer(
                    server + " has no answer for " + name + ": " + code + ", " + cut(error.getMessage()));
        } else if (code != Code.OK) {
            removed(name, error);
        }
    }

    private void silent(WatchedResource<T> resource, String reason) {
        caution.harmless();
        resource.withoutAnswer(reason);
        askAgain.run();
    }

    private String refuse(String name, WatchedResource<T> resource, UnusableResourceException e) {
        String problem = cut(name + ": " + e.getMessage());
        if (resource.refuse(problem, server + " sent " + decoder.noun() + " that cannot be used: " + problem)) {
            log.warn(
                    "{} sent {} that cannot be used, {}: {}",
                    server,
                    decoder.noun(),
                    resource.hasContent() ? "the one before it stays in use" : "there is none before it",
                    problem);
        }
        return problem;
    }

    /** What is wrong with a resource that does not even have a name. */
    private String refuse(UnusableResourceException e) {
        String problem = cut(String.valueOf(e.getMessage()));
        if (!problem.equals(namelessProblem)) {
            namelessProblem = problem;
            log.warn("{} sent something that is not {}: {}", server, decoder.noun(), problem);
        }
        return problem;
    }

    private static String cut(String words) {
        return words.length() <= MAX_WORDS ? words : words.substring(0, MAX_WORDS) + '…';
    }
}
