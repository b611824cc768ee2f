/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.xds;

import static java.util.Objects.requireNonNull;

import com.google.rpc.Code;
import com.google.rpc.Status;
import dev.xdslb.xds.proto.ResourceError;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import java.net.SocketAddress;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One ADS stream, from its opening to its end. Asks for what is wanted of each type, which may change at any time, and
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
    private final Map<String, TypeExchange> types = new LinkedHashMap<>(); // in the order in which they are asked for
    private boolean ready;
    private boolean strangerSaid;

    AdsStream(
            MethodDescriptor<Q, A> method,
            Channel channel,
            SerialExecutor executor,
            List<SubscribedType> types,
            Owner owner) {
        this.call = channel.newCall(method, CallOptions.DEFAULT.withExecutor(executor));
        types.forEach(type -> this.types.put(type.typeUrl(), new TypeExchange(type)));
        this.owner = owner;
    }

    /** Learns what becomes of the stream. */
    interface Owner {
        /** The transport is there. */
        void onReady(AdsStream<?, ?> stream);

        /** The control plane has taken the stream; it sees this process at this address, null for none. */
        void onHeaders(AdsStream<?, ?> stream, @Nullable SocketAddress localAddress);

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
        for (TypeExchange exchange : types.values()) {
            if (!call.isReady()) {
                return;
            }
            Set<String> wanted = exchange.type.takeNames();
            if (wanted.equals(exchange.asked)) {
                continue;
            }
            Set<String> added = new TreeSet<>(wanted);
            added.removeAll(exchange.asked);
            send(changes(exchange, wanted));
            exchange.asked = wanted;
            exchange.first = false;
            exchange.type.asked(added);
        }
    }

    /** Returns the request that replaces the names asked for before by those wanted now. */
    abstract Q changes(TypeExchange exchange, Set<String> wanted);

    /** Deals with an answer of the right type. */
    abstract Digest take(TypeExchange exchange, A answer);

    /** Returns the acknowledgement of an answer, or its refusal where there is a problem. */
    abstract Q acknowledge(TypeExchange exchange, A answer, List<String> problems);

    abstract String typeUrl(A answer);

    /** Returns the errors by the name that they are about. */
    static Map<String, Status> byName(List<ResourceError> errors) {
        Map<String, Status> byName = new HashMap<>();
        for (ResourceError error : errors) {
            byName.put(error.getResourceName().getName(), error.getErrorDetail());
        }
        return byName;
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
        TypeExchange exchange = types.get(typeUrl(answer));
        if (exchange == null) {
            // To refuse it by a request of that type would be to ask for it.
            if (!strangerSaid) {
                strangerSaid = true;
                log.warn(
                        "the control plane sent resources of type \"{}\", which nobody asked for; they are ignored",
                        typeUrl(answer));
            }
            return;
        }
        Digest digest = take(exchange, answer);
        send(acknowledge(exchange, answer, digest.problems()));
        boolean endpoints = typeUrl(answer).equals(AdsMethods.ENDPOINTS_TYPE_URL);
        owner.onAnswer(
                this,
                digest.server(),
                !digest.problems().isEmpty(),
                endpoints ? digest.resources() : 0,
                endpoints ? digest.bytes() : 0);
    }

    /**
     * What an answer held.
     *
     * @param server what the control plane calls itself
     * @param resources how many
     * @param bytes their size
     * @param problems what is wrong with them
     */
    record Digest(String server, int resources, long bytes, List<String> problems) {
        Digest {
            requireNonNull(server, "server");
            problems = List.copyOf(problems);
        }
    }

    /** How far one type has come on this stream. */
    static final class TypeExchange {
        final SubscribedType type;
        Set<String> asked = Set.of();
        boolean first = true; // nothing of the type was asked for yet
        String nonce = ""; // of the newest answer

        private TypeExchange(SubscribedType type) {
            this.type = type;
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
        public void onHeaders(Metadata headers) {
            owner.onHeaders(AdsStream.this, call.getAttributes().get(Grpc.TRANSPORT_ATTR_LOCAL_ADDR));
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
