/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.xds;

import static java.util.stream.Collectors.joining;

import com.google.rpc.Code;
import com.google.rpc.Status;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import java.net.SocketAddress;
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

    /** Of those that a refusal tells; with {@link ResourceTable#MAX_WORDS}, 5 KB. */
    private static final int MAX_PROBLEMS = 10;

    private final ClientCall<Q, A> call;
    private final SerialExecutor executor;
    private final Owner owner;
    private final Map<String, TypeExchange> types = new LinkedHashMap<>(); // in the order in which they are asked for
    private boolean ready;
    private boolean accepted;
    private boolean strangerSaid;

    AdsStream(
            MethodDescriptor<Q, A> method,
            Channel channel,
            SerialExecutor executor,
            List<ResourceTable<?>> types,
            Owner owner) {
        this.call = channel.newCall(method, CallOptions.DEFAULT.withExecutor(executor));
        this.executor = executor;
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
        void onAnswer(AdsStream<?, ?> stream, String server, boolean refused);

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

    /** The control plane has taken the stream and what was asked on it so far. */
    void accepted() {
        accepted = true;
    }

    /** Asks for what is newly wanted and takes back what is no longer; later, where the transport cannot take it now. */
    void askForChanges() {
        for (TypeExchange exchange : types.values()) {
            if (!call.isReady()) {
                return;
            }
            Set<String> lasting = canAskForNothing(exchange) ? Set.of() : exchange.asked;
            Set<String> wanted = exchange.type.takeNames(isProven(), lasting);
            if (wanted.equals(exchange.asked) || (wanted.isEmpty() && !canAskForNothing(exchange))) {
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

    /** Whether the stream is good for all that was asked on it. */
    private boolean isProven() {
        return accepted && types.values().stream().noneMatch(exchange -> exchange.type.isOwed());
    }

    /** Whether the control plane can be told that no resource of this type is wanted any more. */
    abstract boolean canAskForNothing(TypeExchange exchange);

    /** Returns the request that replaces the names asked for before by those wanted now. */
    abstract Q changes(TypeExchange exchange, Set<String> wanted);

    /** Returns what an answer of a type that was asked for holds. */
    abstract AdsAnswer read(TypeExchange exchange, A answer);

    /** Returns the acknowledgement of an answer, or its refusal where there is a problem. */
    abstract Q acknowledge(TypeExchange exchange, A answer, List<String> problems);

    abstract String typeUrl(A answer);

    /** Returns what a control plane is told: enough to find the fault, and never more than a request can carry. */
    static Status refusal(List<String> problems) {
        String message = problems.stream().limit(MAX_PROBLEMS).collect(joining("; "));
        int more = problems.size() - MAX_PROBLEMS;
        return Status.newBuilder()
                .setCode(Code.INVALID_ARGUMENT_VALUE)
                .setMessage(more > 0 ? message + "; and " + more + " more" : message)
                .build();
    }

    private void send(Q request) {
        call.sendMessage(request);
    }

    private void receive(A answer) {
        TypeExchange exchange = types.get(typeUrl(answer));
        if (exchange == null || exchange.first) {
            // To acknowledge or refuse it by a request of that type would be to ask for it.
            if (!strangerSaid) {
                strangerSaid = true;
                log.warn(
                        "the control plane sent resources of type \"{}\", which nobody asked for; they are ignored",
                        typeUrl(answer));
            }
            return;
        }
        AdsAnswer content = read(exchange, answer);
        List<String> problems = exchange.type.take(content);
        send(acknowledge(exchange, answer, problems));
        owner.onAnswer(this, content.server(), !problems.isEmpty());
    }

    /** How far one type has come on this stream. */
    static final class TypeExchange {
        final ResourceTable<?> type;
        Set<String> asked = Set.of();
        boolean first = true; // nothing of the type was asked for yet
        String nonce = ""; // of the newest answer

        private TypeExchange(ResourceTable<?> type) {
            this.type = type;
        }
    }

    /**
     * gRPC answers whatever is thrown here by ending the call, except at its end. So the end always reaches the owner, who opens
     * another stream.
     */
    private final class Receiver extends ClientCall.Listener<A> {
        @Override
        public void onReady() {
            saying(() -> {
                if (!ready) {
                    ready = true;
                    owner.onReady(AdsStream.this);
                }
                askForChanges();
            });
        }

        @Override
        public void onHeaders(Metadata headers) {
            saying(() -> owner.onHeaders(AdsStream.this, call.getAttributes().get(Grpc.TRANSPORT_ATTR_LOCAL_ADDR)));
        }

        @Override
        public void onMessage(A answer) {
            saying(() -> {
                receive(answer);
                call.request(1);
            });
        }

        @Override
        public void onClose(io.grpc.Status status, Metadata trailers) {
            executor.run(() -> owner.onEnd(AdsStream.this, status));
        }

        private void saying(Runnable code) {
            try {
                code.run();
            } catch (RuntimeException | Error e) {
                executor.failed(e);
                throw e;
            }
        }
    }
}
