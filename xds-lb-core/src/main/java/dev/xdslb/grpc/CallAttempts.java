/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.grpc;

import static java.util.Objects.requireNonNull;

import dev.xdslb.endpoint.EndpointKey;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ForwardingClientCall;
import io.grpc.ForwardingClientCallListener.SimpleForwardingClientCallListener;
import io.grpc.LoadBalancer.PickSubchannelArgs;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One call, and the endpoints that its attempts went to, so that a retry goes to another one. grpc-java makes a pick for each attempt
 * and links them by nothing but the call's options. It forwards everything, so as to be one object per call and not two.
 *
 * <p>It knows the attempts that have not ended, too, because grpc-java forgets one of them: a call that waits for a connection, and
 * is given up between the pick of one and the stream on it, gets a stream all the same, which nobody ever starts or closes (grpc-java
 * issue 1537). Such an attempt ends with its call.
 *
 * <p>Written by the threads that begin attempts, under the lock; read by picks, without it.
 *
 * @param <Q> type of the request's messages
 * @param <P> type of the response's messages
 */
final class CallAttempts<Q, P> extends ForwardingClientCall<Q, P> {
    /** Gives each call of a channel what its attempts are linked by. */
    static final ClientInterceptor INTERCEPTOR = new ClientInterceptor() {
        @Override
        public <Q, P> ClientCall<Q, P> interceptCall(
                MethodDescriptor<Q, P> method, CallOptions options, Channel channel) {
            CallAttempts<Q, P> attempts = new CallAttempts<>();
            attempts.call = channel.newCall(method, options.withOption(KEY, attempts));
            return attempts;
        }
    };

    private static final CallOptions.Key<@Nullable CallAttempts<?, ?>> KEY =
            CallOptions.Key.create("dev.xdslb.grpc.attempts");

    /** Of gRFC A6: the attempts before this one, transparent retries apart. Only those that the channel's service config asks for have it. */
    private static final Metadata.Key<String> PREVIOUS_ATTEMPTS =
            Metadata.Key.of("grpc-previous-rpc-attempts", Metadata.ASCII_STRING_MARSHALLER);

    private @Nullable ClientCall<Q, P> call; // set before anybody sees this
    private volatile @Nullable EndpointKey first; // that an attempt went to; written under the lock
    private volatile List<EndpointKey> others =
            List.of(); // that attempts went to after the first; written under the lock
    private volatile int running; // attempts that have not ended; written under the lock
    private volatile int retries; // that have begun; written under the lock
    private volatile @Nullable Status lastFailure; // null while no attempt has failed
    private @Nullable Attempt open; // has not ended; null for none; guarded by this
    private @Nullable List<Attempt> alsoOpen; // hedges beside it; null until there is one; guarded by this
    private volatile boolean over; // the call has ended; written under the lock

    /** An attempt of a call. */
    interface Attempt {
        /** Learns that its call is over; may be told twice, and although it has ended. */
        void callIsOver();
    }

    private CallAttempts() {}

    /** Returns where attempts of this call went before; none where the channel does not link them. */
    static List<EndpointKey> triedBy(CallOptions call) {
        CallAttempts<?, ?> attempts = call.getOption(KEY);
        return attempts == null ? List.of() : attempts.tried();
    }

    /**
     * Learns that an attempt of this call goes to an endpoint. Where the call is over, the attempt is told so at once.
     *
     * @return whether it is a retry or a hedge; a transparent retry is none
     */
    static boolean begin(CallOptions call, EndpointKey endpoint, Metadata headers, Attempt attempt) {
        CallAttempts<?, ?> attempts = call.getOption(KEY);
        if (attempts == null) {
            return false;
        }
        boolean isRetry = attempts.begin(endpoint, headers, attempt);
        if (attempts.over) {
            attempt.callIsOver(); // for the second time, where the call has ended since
        }
        return isRetry;
    }

    /** Learns that an attempt of this call has ended. */
    static void end(CallOptions call, Status status, Attempt attempt) {
        CallAttempts<?, ?> attempts = call.getOption(KEY);
        if (attempts != null) {
            attempts.end(status, attempt);
        }
    }

    /**
     * Returns whether a pick is for a retry of a call whose attempts have all failed. A hedge is none: grpc-java ends the whole call with
     * a hedge that gets no connection, though another attempt may be about to succeed.
     */
    static boolean isRetry(PickSubchannelArgs pick) {
        CallAttempts<?, ?> attempts = pick.getCallOptions().getOption(KEY);
        return attempts != null
                && attempts.running == 0
                && attempts.first != null // a proxy may have passed the header on
                && previousAttempts(pick.getHeaders()) > attempts.retries;
    }

    /** Returns what the call is to end with where it is not tried again: what its last attempt failed with, and why that stays. */
    static Status notTriedAgain(CallOptions call, String why) {
        CallAttempts<?, ?> attempts = call.getOption(KEY);
        Status failure = attempts == null ? null : attempts.lastFailure;
        return failure == null
                ? Status.UNAVAILABLE.withDescription(why)
                : failure.augmentDescription("not tried again: " + why);
    }

    private static int previousAttempts(Metadata headers) {
        String previous = headers.get(PREVIOUS_ATTEMPTS);
        try {
            return previous == null ? 0 : Integer.parseInt(previous);
        } catch (NumberFormatException e) {
            return 0; // anybody's
        }
    }

    private synchronized boolean begin(EndpointKey endpoint, Metadata headers, Attempt attempt) {
        int previous = first == null ? 0 : previousAttempts(headers);
        boolean isRetry = previous > retries;
        if (isRetry) {
            retries = previous;
        }
        running++;
        add(endpoint);
        if (!over) {
            open(attempt);
        }
        return isRetry;
    }

    /** Lock held. */
    private void open(Attempt attempt) {
        if (open == null) {
            open = attempt;
            return;
        }
        if (alsoOpen == null) {
            alsoOpen = new ArrayList<>(2);
        }
        alsoOpen.add(attempt);
    }

    private void callIsOver() {
        Attempt left;
        List<Attempt> alsoLeft;
        synchronized (this) {
            over = true;
            left = open;
            alsoLeft = alsoOpen == null ? List.of() : List.copyOf(alsoOpen);
        }
        if (left != null) {
            left.callIsOver();
        }
        alsoLeft.forEach(Attempt::callIsOver);
    }

    private synchronized void end(Status status, Attempt attempt) {
        if (open == attempt) {
            open = null;
        } else if (alsoOpen != null) {
            alsoOpen.remove(attempt);
        }
        running--;
        if (!status.isOk()) {
            lastFailure = status;
        }
    }

    /** Lock held. */
    private void add(EndpointKey endpoint) {
        if (first == null) {
            first = endpoint;
        } else if (!tried().contains(endpoint)) {
            List<EndpointKey> more = new ArrayList<>(others);
            more.add(endpoint);
            others = List.copyOf(more);
        }
    }

    /** Made when it is asked for: most calls are picked for once, before there is anything to tell. */
    private List<EndpointKey> tried() {
        List<EndpointKey> later = others; // before the first, which was written before them
        EndpointKey begun = first;
        if (begun == null) {
            return List.of();
        }
        List<EndpointKey> all = new ArrayList<>(1 + later.size());
        all.add(begun);
        all.addAll(later);
        return all;
    }

    @Override
    protected ClientCall<Q, P> delegate() {
        return requireNonNull(call);
    }

    @Override
    public void start(Listener<P> listener, Metadata headers) {
        super.start(new WatchedEnd(listener), headers);
    }

    /** A cancel that meets the start may throw, and then nobody is ever told that the call is over (grpc-java issue 12964). */
    @Override
    public void cancel(@Nullable String message, @Nullable Throwable cause) {
        try {
            super.cancel(message, cause);
        } finally {
            callIsOver();
        }
    }

    private final class WatchedEnd extends SimpleForwardingClientCallListener<P> {
        private WatchedEnd(Listener<P> listener) {
            super(listener);
        }

        @Override
        public void onClose(Status status, Metadata trailers) {
            callIsOver();
            super.onClose(status, trailers);
        }
    }
}
