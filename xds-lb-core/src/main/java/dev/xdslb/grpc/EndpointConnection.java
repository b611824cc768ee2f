/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.grpc;

import dev.xdslb.endpoint.EndpointKey;
import io.grpc.Attributes;
import io.grpc.ConnectivityState;
import io.grpc.ConnectivityStateInfo;
import io.grpc.EquivalentAddressGroup;
import io.grpc.LoadBalancer.CreateSubchannelArgs;
import io.grpc.LoadBalancer.Helper;
import io.grpc.LoadBalancer.Subchannel;
import io.grpc.Status;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One endpoint and what one channel's connection to it is doing. All methods run in the channel's synchronization context.
 *
 * <p>An attempt to connect has two bounds, because a peer may accept a connection and never say a word, or a firewall may
 * swallow the first packet:
 *
 * <pre>
 * attempt ── 1 s ──▶ nobody waits for it who can have another ── 20 s ──▶ failed; another attempt begins
 * </pre>
 */
final class EndpointConnection {
    /** How long calls may wait for it although something else is there that is less good: a handshake across regions. */
    static final Duration AWAITED_FOR = Duration.ofSeconds(1);

    /** How long an attempt may take. As MIN_CONNECT_TIMEOUT in gRPC's document on connection back-off. */
    static final Duration GIVEN_UP_AFTER = Duration.ofSeconds(20);

    private static final Logger log = LoggerFactory.getLogger(EndpointConnection.class);

    private final EndpointKey key;
    private final Helper helper;
    private final LongSupplier nanoClock;
    private final Runnable onChange;
    private final Consumer<EndpointKey> onFailure;
    private final @Nullable HostAddresses names; // null where the endpoint is given by its address
    private List<EquivalentAddressGroup> addresses = List.of(); // none before a name is resolved
    private @Nullable Subchannel subchannel; // null before a name is resolved
    private ConnectivityState state = ConnectivityState.CONNECTING;
    private Status error = Status.OK; // why it could not connect; only where state is TRANSIENT_FAILURE
    private boolean attempting; // also where state still says that the last attempt failed
    private long attemptedAt; // nanoseconds of the clock
    private boolean unresolvable; // said already
    private boolean closed;

    /**
     * Makes one that has not begun to connect.
     *
     * @param onChange run after each change of what {@link #state} or {@link #nanosUntilLook} says
     * @param onFailure told each time that an attempt to connect has failed
     */
    EndpointConnection(
            EndpointKey key,
            Helper helper,
            LongSupplier nanoClock,
            Runnable onChange,
            Consumer<EndpointKey> onFailure) {
        this.key = key;
        this.onFailure = onFailure;
        this.helper = helper;
        this.nanoClock = nanoClock;
        this.onChange = onChange;
        this.names = HostAddresses.isLiteral(key.host())
                ? null
                : new HostAddresses(helper, key, this::onAddresses, this::onUnresolvable);
    }

    EndpointKey key() {
        return key;
    }

    /** Returns READY, CONNECTING or TRANSIENT_FAILURE. One that failed has failed until it succeeds: calls do not wait for it. */
    ConnectivityState state() {
        return state;
    }

    /** Returns why it could not connect; only where it failed. */
    Status error() {
        return error;
    }

    /** Returns what calls are sent to; only where it is READY. */
    @Nullable
    Subchannel subchannel() {
        return subchannel;
    }

    /** Returns whether it has begun to connect a moment ago, and not failed. */
    boolean isAwaited(long now) {
        return state == ConnectivityState.CONNECTING && now - attemptedAt < AWAITED_FOR.toNanos();
    }

    void start() {
        beginAttempt();
        if (names == null) {
            connect(List.of(group(List.of(new InetSocketAddress(key.host(), key.port())))));
        } else {
            names.start();
        }
    }

    void close() {
        closed = true;
        if (names != null) {
            names.shutdown();
        }
        if (subchannel != null) {
            subchannel.shutdown();
        }
    }

    /** Returns in how many nanoseconds {@link #look} is to be called; Long.MAX_VALUE for never. */
    long nanosUntilLook(long now) {
        if (!attempting) {
            return Long.MAX_VALUE;
        }
        Duration bound = isAwaited(now) ? AWAITED_FOR : GIVEN_UP_AFTER;
        return Math.max(0, bound.toNanos() - (now - attemptedAt));
    }

    /** Ends an attempt that takes too long, and begins another one. */
    void look(long now) {
        if (!attempting || now - attemptedAt < GIVEN_UP_AFTER.toNanos()) {
            return;
        }
        attempting = false;
        fail(Status.UNAVAILABLE.withDescription(
                "not connected within " + GIVEN_UP_AFTER.toSeconds() + " s: no answer to "
                        + (subchannel == null ? "the question for its address" : "the beginning of HTTP/2 or TLS")));
        if (subchannel != null) { // who does not answer now may not answer for as long as TCP tries
            onFailure.accept(key);
            replace(addresses);
        }
        if (names != null) {
            names.connectionFailed();
        }
    }

    private void connect(List<EquivalentAddressGroup> to) {
        addresses = to;
        Subchannel made = helper.createSubchannel(
                CreateSubchannelArgs.newBuilder().setAddresses(to).build());
        subchannel = made;
        beginAttempt();
        made.start(told -> onState(made, told));
        made.requestConnection();
    }

    private void replace(List<EquivalentAddressGroup> to) {
        Subchannel old = subchannel;
        connect(to);
        if (old != null) {
            old.shutdown();
        }
    }

    private void beginAttempt() {
        attempting = true;
        attemptedAt = nanoClock.getAsLong();
    }

    private void onState(Subchannel of, ConnectivityStateInfo told) {
        if (closed || of != subchannel) {
            return; // the endpoint went in the meantime, or it connects anew
        }
        ConnectivityState now = told.getState();
        if (names != null) {
            if (now == ConnectivityState.READY) {
                names.connectionWorks();
            } else if (now != ConnectivityState.CONNECTING) {
                names.connectionFailed();
            }
        }
        if (now == ConnectivityState.IDLE) { // after a GOAWAY, or when the time to wait after a failure is over
            beginAttempt();
            of.requestConnection();
            now = ConnectivityState.CONNECTING;
        }
        if (now == ConnectivityState.CONNECTING) {
            if (!attempting) {
                beginAttempt();
            }
        } else {
            attempting = false;
        }
        if (now == ConnectivityState.TRANSIENT_FAILURE) {
            fail(told.getStatus());
            onFailure.accept(key);
            return;
        }
        if (state != ConnectivityState.TRANSIENT_FAILURE || now == ConnectivityState.READY) {
            state = now;
        }
        onChange.run();
    }

    private void fail(Status why) {
        state = ConnectivityState.TRANSIENT_FAILURE;
        error = why;
        onChange.run();
    }

    private void onAddresses(List<EquivalentAddressGroup> found) {
        if (closed) {
            return;
        }
        if (unresolvable) {
            unresolvable = false;
            log.info("{} can be resolved again", key.host());
        }
        List<EquivalentAddressGroup> now =
                found.stream().map(group -> group(group.getAddresses())).toList();
        if (now.equals(addresses)) {
            return;
        }
        if (subchannel == null || state == ConnectivityState.TRANSIENT_FAILURE) {
            replace(now); // at once, not after the time to wait that the old addresses have earned
        } else {
            addresses = now;
            subchannel.updateAddresses(now);
        }
        onChange.run();
    }

    private void onUnresolvable(Status why) {
        if (closed) {
            return;
        }
        if (!unresolvable) {
            unresolvable = true;
            log.warn(
                    "{} cannot be resolved, which is tried again; {}: {}",
                    key.host(),
                    subchannel == null ? "no call is sent there" : "its last addresses are used",
                    why);
        }
        if (subchannel == null) {
            attempting = false;
            fail(why);
        }
    }

    private EquivalentAddressGroup group(List<? extends SocketAddress> of) {
        return new EquivalentAddressGroup(
                List.copyOf(of),
                Attributes.newBuilder().set(XdsLbNameResolver.ENDPOINT, key).build());
    }
}
