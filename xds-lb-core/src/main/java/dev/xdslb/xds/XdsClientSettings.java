/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.xds;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apiguardian.api.API;
import org.jspecify.annotations.Nullable;

/**
 * How to reach and use a control plane.
 *
 * @param address {@code host:port}; an IPv6 address stands in brackets
 * @param node who asks
 * @param protocol the variant of ADS to begin with
 * @param initialBackOff the wait before the first attempt to reconnect, before jitter; doubles with each attempt
 * @param maxBackOff the longest wait between two attempts
 * @param keepAliveTime after how much silence the connection is probed; gRPC takes no less than 10 s
 * @param keepAliveTimeout how long the answer to a probe may take
 * @param connectTimeout how long an attempt to connect may take
 * @param answerTimeout how long the control plane may take to say anything about a name that was asked for
 * @param channelFactory makes the channel
 * @param lastGoodFile where the endpoints are kept for the next start, null for nowhere; closed with the client
 */
@API(status = API.Status.STABLE)
public record XdsClientSettings(
        String address,
        XdsNode node,
        XdsProtocol protocol,
        Duration initialBackOff,
        Duration maxBackOff,
        Duration keepAliveTime,
        Duration keepAliveTimeout,
        Duration connectTimeout,
        Duration answerTimeout,
        ChannelFactory channelFactory,
        @Nullable LastGoodFile lastGoodFile) {

    public static final Duration DEFAULT_INITIAL_BACK_OFF = Duration.ofMillis(200);
    public static final Duration DEFAULT_MAX_BACK_OFF = Duration.ofSeconds(30);
    /** With {@link #DEFAULT_KEEP_ALIVE_TIMEOUT}, a peer that died without a word is noticed after 30 s. */
    public static final Duration DEFAULT_KEEP_ALIVE_TIME = Duration.ofSeconds(20);

    public static final Duration DEFAULT_KEEP_ALIVE_TIMEOUT = Duration.ofSeconds(10);
    public static final Duration DEFAULT_CONNECT_TIMEOUT = Duration.ofSeconds(10);
    /** The time after which xDS clients take a resource for missing (xDS protocol, "knowing when a resource does not exist"). */
    public static final Duration DEFAULT_ANSWER_TIMEOUT = Duration.ofSeconds(15);

    private static final Pattern ADDRESS = Pattern.compile("(\\[[0-9a-fA-F:.]+]|[^\\s:/\\[\\]]+):(?<port>[0-9]{1,5})");

    public XdsClientSettings {
        requireAddress(address);
        requireNonNull(node, "node");
        requireNonNull(protocol, "protocol");
        requirePositive("initialBackOff", initialBackOff);
        requirePositive("keepAliveTime", keepAliveTime);
        requirePositive("keepAliveTimeout", keepAliveTimeout);
        requirePositive("connectTimeout", connectTimeout);
        requirePositive("answerTimeout", answerTimeout);
        requireNonNull(channelFactory, "channelFactory");
        if (maxBackOff.compareTo(initialBackOff) < 0) {
            throw new IllegalArgumentException(
                    "maxBackOff: " + maxBackOff + " (expected: >= initialBackOff, " + initialBackOff + ")");
        }
    }

    /** Starts settings that have a default for everything else. */
    public static Builder builder(String address, XdsNode node) {
        return new Builder(address, node);
    }

    private static void requireAddress(String address) {
        Matcher matcher = ADDRESS.matcher(address);
        if (!matcher.matches() || Integer.parseInt(matcher.group("port")) > 65535) {
            throw new IllegalArgumentException("address: \"" + address
                    + "\" (expected: host:port, such as eds-control-plane.xds-lb:18000 or [::1]:18000)");
        }
    }

    private static void requirePositive(String name, Duration value) {
        if (value.isZero() || value.isNegative()) {
            throw new IllegalArgumentException(name + ": " + value + " (expected: > 0)");
        }
    }

    /** Collects settings. Not thread-safe. */
    public static final class Builder {
        private final String address;
        private final XdsNode node;
        private XdsProtocol protocol = XdsProtocol.DELTA;
        private Duration initialBackOff = DEFAULT_INITIAL_BACK_OFF;
        private Duration maxBackOff = DEFAULT_MAX_BACK_OFF;
        private Duration keepAliveTime = DEFAULT_KEEP_ALIVE_TIME;
        private Duration keepAliveTimeout = DEFAULT_KEEP_ALIVE_TIMEOUT;
        private Duration connectTimeout = DEFAULT_CONNECT_TIMEOUT;
        private Duration answerTimeout = DEFAULT_ANSWER_TIMEOUT;
        private ChannelFactory channelFactory = ChannelFactory.PLAINTEXT;
        private @Nullable LastGoodFile lastGoodFile;

        private Builder(String address, XdsNode node) {
            this.address = address;
            this.node = node;
        }

        public Builder protocol(XdsProtocol protocol) {
            this.protocol = protocol;
            return this;
        }

        public Builder backOff(Duration initial, Duration max) {
            this.initialBackOff = initial;
            this.maxBackOff = max;
            return this;
        }

        public Builder keepAlive(Duration time, Duration timeout) {
            this.keepAliveTime = time;
            this.keepAliveTimeout = timeout;
            return this;
        }

        public Builder connectTimeout(Duration connectTimeout) {
            this.connectTimeout = connectTimeout;
            return this;
        }

        public Builder answerTimeout(Duration answerTimeout) {
            this.answerTimeout = answerTimeout;
            return this;
        }

        public Builder channelFactory(ChannelFactory channelFactory) {
            this.channelFactory = channelFactory;
            return this;
        }

        /**
         * Keeps the endpoints in a file for the next start; without it, they are kept nowhere. To be used, the file must be the
         * fallback of the clusters as well.
         */
        public Builder lastGoodFile(@Nullable LastGoodFile file) {
            this.lastGoodFile = file;
            return this;
        }

        /**
         * Builds the settings.
         *
         * @throws IllegalArgumentException when a value is out of its range; the message names it
         */
        public XdsClientSettings build() {
            return new XdsClientSettings(
                    address,
                    node,
                    protocol,
                    initialBackOff,
                    maxBackOff,
                    keepAliveTime,
                    keepAliveTimeout,
                    connectTimeout,
                    answerTimeout,
                    channelFactory,
                    lastGoodFile);
        }
    }
}
