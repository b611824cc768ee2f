/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.xds;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.Status;
import dev.xdslb.cluster.EndpointSource.PlaceWatcher;
import dev.xdslb.endpoint.Locality;
import dev.xdslb.xds.proto.ClientPlace;
import dev.xdslb.xds.proto.Resource;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where this process runs, as the control plane says: asked for by the name of the pod, and by the address of the
 * connection where that name is unknown or the control plane does not know it (a pod's host name need not be its name).
 *
 * <p>Only our own control plane serves this type. Another one may ignore the question, or end the stream because of it, so
 * a stream that ends without an answer makes the next one ask only after it has proved good for endpoints; after
 * {@value #MAX_UNANSWERED} of them nobody is asked any more.
 *
 * <p>Confined to the client's executor.
 */
final class PlaceTable implements SubscribedType {
    /** Streams without an answer. A control plane that shuts down may cut off one of them, hardly ever three in a row. */
    static final int MAX_UNANSWERED = 3;

    private static final Logger log = LoggerFactory.getLogger(PlaceTable.class);

    private final String server;
    private final Duration answerTimeout;
    private final SerialExecutor executor;
    private final @Nullable String podName;
    private @Nullable String addressName;
    private boolean reached; // the address is known, or it is known that there is none
    private @Nullable PlaceWatcher watcher;
    private final Map<String, Answer> answers = new HashMap<>();
    private String sotwVersion = "";
    private Object told = ""; // the place, or the reason why there is none
    private int unansweredStreams; // in a row

    // Of the stream that is open.
    private boolean owed; // an answer
    private boolean accepted;
    private @Nullable Future<?> answerTimer;

    /**
     * Makes an empty table.
     *
     * @param server what reasons call the control plane
     */
    PlaceTable(String server, XdsNode node, Duration answerTimeout, SerialExecutor executor) {
        this.server = server;
        this.answerTimeout = answerTimeout;
        this.executor = executor;
        this.podName = node.pod().isEmpty() || node.podNamespace().isEmpty()
                ? null
                : "pod/" + node.podNamespace() + '/' + node.pod();
    }

    /** What the control plane said of a name: one of the two is null. */
    private record Answer(
            String version,
            @Nullable ClientPlace place,
            @Nullable String absence) {}

    /** Wants to know the place from now on. */
    void watch(PlaceWatcher newWatcher) {
        watcher = newWatcher;
        told = "";
        tell();
    }

    /** The control plane sees this process at this address, null for none. */
    void reachedFrom(@Nullable SocketAddress address) {
        addressName = address instanceof InetSocketAddress inet ? nameOf(inet.getAddress()) : null;
        reached = true;
        tell();
    }

    /** The stream is good for endpoints. */
    void streamAccepted() {
        accepted = true;
    }

    /** The stream is gone and with it the answer that was due. */
    void streamEnded() {
        stopWaiting();
        if (owed) {
            unansweredStreams++;
            if (unansweredStreams == MAX_UNANSWERED) {
                unknown(MAX_UNANSWERED + " streams of " + server + " ended without an answer; it is not asked again");
            }
        }
        owed = false;
        accepted = false;
    }

    @Override
    public String typeUrl() {
        return AdsMethods.PLACE_TYPE_URL;
    }

    @Override
    public Set<String> takeNames() {
        boolean mayAsk = unansweredStreams == 0 || (accepted && unansweredStreams < MAX_UNANSWERED);
        Set<String> names = new TreeSet<>();
        if (watcher != null && mayAsk) {
            if (podName != null) {
                names.add(podName);
            }
            Answer ofPod = answers.get(podName);
            if (addressName != null && (podName == null || (ofPod != null && ofPod.place() == null))) {
                names.add(addressName);
            }
            answers.keySet().retainAll(names);
        }
        return names;
    }

    @Override
    public Map<String, String> versions() {
        Map<String, String> versions = new TreeMap<>();
        answers.forEach((name, answer) -> {
            if (answer.place() != null) {
                versions.put(name, answer.version());
            }
        });
        return versions;
    }

    @Override
    public String sotwVersion() {
        return sotwVersion;
    }

    @Override
    public void sotwVersion(String version) {
        sotwVersion = version;
    }

    @Override
    public String sotwVersionToResume() {
        return takeNames().stream().allMatch(this::hasPlace) ? sotwVersion : "";
    }

    @Override
    public void asked(Collection<String> names) {
        if (names.stream().allMatch(this::hasPlace)) {
            return; // it may be the newest, and then nothing is sent
        }
        owed = true;
        stopWaiting();
        answerTimer = executor.schedule(
                () -> unknown(server + " has said nothing within " + answerTimeout.toMillis() + " ms"),
                answerTimeout.toNanos());
    }

    @Override
    public @Nullable String offer(Resource offered) {
        return offer(offered.getResource(), offered.getVersion());
    }

    @Override
    public @Nullable String offer(Any offered, String version) {
        answered();
        try {
            if (!offered.getTypeUrl().equals(typeUrl())) {
                return "type_url: \"" + offered.getTypeUrl() + "\" (expected: \"" + typeUrl() + "\")";
            }
            ClientPlace place = ClientPlace.parseFrom(offered.getValue());
            if (takeNames().contains(place.getName())) {
                answers.put(place.getName(), new Answer(version, place, null));
                tell();
            }
            return null;
        } catch (InvalidProtocolBufferException e) {
            return offered.getValue().size() + " bytes that are no ClientPlace: " + e.getMessage();
        }
    }

    @Override
    public void removed(String name, @Nullable Status error) {
        answered();
        if (takeNames().contains(name)) {
            String said = error == null ? "" : error.getMessage();
            answers.put(name, new Answer("", null, said.isEmpty() ? server + " knows no " + name : said));
            tell();
        }
    }

    @Override
    public void errors(Map<String, Status> errors) {
        errors.forEach((name, error) -> {
            io.grpc.Status.Code code =
                    io.grpc.Status.fromCodeValue(error.getCode()).getCode();
            if (ResourceTable.isPassing(code)) {
                answered();
            } else {
                removed(name, error);
            }
        });
    }

    private void answered() {
        owed = false;
        unansweredStreams = 0;
        stopWaiting();
    }

    private void stopWaiting() {
        if (answerTimer != null) {
            answerTimer.cancel(false);
            answerTimer = null;
        }
    }

    private boolean hasPlace(String name) {
        Answer answer = answers.get(name);
        return answer != null && answer.place() != null;
    }

    /** The pod's name counts before its address. */
    private void tell() {
        for (String name : new String[] {podName, addressName}) {
            Answer answer = answers.get(name);
            if (answer != null && answer.place() != null) {
                ClientPlace place = answer.place();
                ClientPlace content = place.toBuilder().clearName().build();
                if (!content.equals(told)) {
                    told = content;
                    Locality locality = new Locality(place.getRegion(), place.getZone(), "");
                    List<String> services = List.copyOf(place.getServicesList());
                    tell(telling -> telling.onPlace(locality, services));
                }
                return;
            }
        }
        if (podName == null && addressName == null) {
            if (reached) {
                unknown("neither its pod (POD_NAME and POD_NAMESPACE) nor an address that only it has is known");
            }
            return;
        }
        Set<String> reasons = new TreeSet<>();
        for (String name : takeNames()) {
            Answer answer = answers.get(name);
            if (answer == null || answer.absence() == null) {
                return; // may still come
            }
            reasons.add(answer.absence());
        }
        if (!reasons.isEmpty()) {
            unknown(server + " says: " + String.join("; ", reasons));
        }
    }

    private void unknown(String reason) {
        if (watcher != null && !reason.equals(told)) {
            told = reason;
            tell(telling -> telling.onUnknown(reason));
        }
    }

    private void tell(Consumer<PlaceWatcher> news) {
        PlaceWatcher telling = watcher;
        if (telling != null) {
            try {
                news.accept(telling);
            } catch (RuntimeException e) { // must not cost the stream
                log.error("a watcher of the own place failed at what it was told", e);
            }
        }
    }

    /** An address that every machine has says nothing. */
    private static @Nullable String nameOf(@Nullable InetAddress address) {
        if (address == null
                || address.isLoopbackAddress()
                || address.isAnyLocalAddress()
                || address.isLinkLocalAddress()) {
            return null;
        }
        return "ip/" + address.getHostAddress().split("%", 2)[0];
    }
}
