/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.xds;

import static java.util.Objects.requireNonNull;

import com.google.rpc.Code;
import com.google.rpc.Status;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One ADS stream, from its opening to its end. Asks for what the table wants, which may change at any time, and
 * acknowledges or refuses every answer.
 *
 * <p>Names are asked for only while the transport can take them: those that come together while it cannot, above all
 * while the connection is being made, go out in one request.
 *
 * <p>Confined to the client's executor, on which gRPC calls back, too.
 *
 * @param <Q> the requests
 * @param <A> the answers
 */
abstract class AdsStream<Q, A> {
    private static final Logger log = LoggerFactory.getLogger(AdsStream.class);

    private final ClientCall<Q, A> call;
    private final Owner owner;
    private final ResourceTable resources;
    private Set<String> asked = new TreeSet<>();
    private boolean ready;
    private boolean strangerSaid;

    AdsStream(
            MethodDescriptor<Q, A> method,
            Channel channel,
            SerialExecutor executor,
            ResourceTable resources,
            Owner owner) {
        this.call = channel.newCall(method, CallOptions.DEFAULT.withExecutor(executor));
        this.resources = resources;
        this.owner = owner;
    }

    /** Learns what becomes of the stream. */
    interface Owner {
        /** The transport is there. */
        void onReady(AdsStream<?, ?> stream);

        /** An answer was dealt with. */
        void onAnswer(AdsStream<?, ?> stream, String server, boolean refused, int lists, long bytes);

        /** The stream has ended. Nothing else is called after this. */
        void onEnd(AdsStream<?, ?> stream, io.grpc.Status status);
    }

    void open() {
        call.start(new Receiver(), new Metadata());
        call.request(1);
    }

    void cancel(String reason) {
        call.cancel(reason, null);
    }

    /** Asks for what is newly wanted and takes back what is no longer; later, where the transport cannot take it now. */
    void askForChanges() {
        if (!call.isReady()) {
            return;
        }
        Set<String> wanted = resources.takeNames();
        if (wanted.equals(asked)) {
            return;
        }
        Set<String> before = asked;
        asked = wanted;
        send(changes(wanted, before));
        Set<String> added = new TreeSet<>(wanted);
        added.removeAll(before);
        resources.asked(added);
    }

    /** Returns the request that replaces the names asked for before, none on a new stream, by those wanted now. */
    abstract Q changes(Set<String> wanted, Set<String> before);

    /** Deals with an answer of the right type. */
    abstract Digest take(A answer);

    /** Returns the acknowledgement of an answer, or its refusal where there is a problem. */
    abstract Q acknowledge(A answer, List<String> problems);

    abstract String typeUrl(A answer);

    ResourceTable resources() {
        return resources;
    }

    Set<String> asked() {
        return asked;
    }

    static Status refusal(List<String> problems) {
        return Status.newBuilder()
                .setCode(Code.INVALID_ARGUMENT_VALUE)
                .setMessage(String.join("; ", problems))
                .build();
    }

    private void send(Q request) {
        call.sendMessage(request);
    }

    private void receive(A answer) {
        if (!typeUrl(answer).equals(AdsMethods.ENDPOINTS_TYPE_URL)) {
            // To refuse it by a request of that type would be to ask for it.
            if (!strangerSaid) {
                strangerSaid = true;
                log.warn(
                        "the control plane sent resources of type \"{}\", which nobody asked for; they are ignored",
                        typeUrl(answer));
            }
            return;
        }
        Digest digest = take(answer);
        send(acknowledge(answer, digest.problems()));
        owner.onAnswer(this, digest.server(), !digest.problems().isEmpty(), digest.lists(), digest.bytes());
    }

    /**
     * What an answer held.
     *
     * @param server what the control plane calls itself
     * @param lists how many endpoint lists
     * @param bytes their size
     * @param problems what is wrong with them
     */
    record Digest(String server, int lists, long bytes, List<String> problems) {
        Digest {
            requireNonNull(server, "server");
            problems = List.copyOf(problems);
        }
    }

    private final class Receiver extends ClientCall.Listener<A> {
        @Override
        public void onReady() {
            if (!ready) {
                ready = true;
                owner.onReady(AdsStream.this);
            }
            askForChanges();
        }

        @Override
        public void onMessage(A answer) {
            receive(answer);
            call.request(1);
        }

        @Override
        public void onClose(io.grpc.Status status, Metadata trailers) {
            owner.onEnd(AdsStream.this, status);
        }
    }
}
