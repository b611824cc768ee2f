/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.test;

import dev.xdslb.test.SentRequests.ToEndpoint;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;
import org.apiguardian.api.API;
import org.assertj.core.api.AbstractAssert;
import org.jspecify.annotations.Nullable;

/**
 * Assertions on where requests went. The engine learns the end of a request at about the time at which its caller does, so each
 * of these waits until it holds, for five seconds or what {@link #within} says. What must not happen is to be asked
 * after {@link #haveEnded()}.
 */
@API(status = API.Status.EXPERIMENTAL)
public final class SentRequestsAssert extends AbstractAssert<SentRequestsAssert, SentRequests> {
    private static final Duration PATIENCE = Duration.ofSeconds(5);
    private static final long PAUSE_NANOS = Duration.ofMillis(5).toNanos();

    private Duration patience = PATIENCE;

    SentRequestsAssert(SentRequests actual) {
        super(actual, SentRequestsAssert.class);
    }

    /** Changes for how long the assertions that follow wait. */
    public SentRequestsAssert within(Duration time) {
        patience = time;
        return this;
    }

    /** Each request has ended, and none is in flight. */
    public SentRequestsAssert haveEnded() {
        return holds("that none is in flight", requests -> sum(requests, ToEndpoint::inFlight) == 0);
    }

    /** So many requests were started, ended or not. */
    public SentRequestsAssert hasCount(long expected) {
        return holds("a count of " + expected, requests -> sum(requests, ToEndpoint::sent) == expected);
    }

    /** No request was started. */
    public SentRequestsAssert areNone() {
        return hasCount(0);
    }

    /** So many are in flight. */
    public SentRequestsAssert haveInFlight(long expected) {
        return holds(expected + " in flight", requests -> sum(requests, ToEndpoint::inFlight) == expected);
    }

    /** There was at least one request, and all have ended and were answered with a success. */
    public SentRequestsAssert haveSucceeded() {
        return holds("that there are some, and all succeeded", requests -> {
            long sent = sum(requests, ToEndpoint::sent);
            return sent > 0 && sum(requests, one -> one.ended().succeeded()) == sent;
        });
    }

    /** So many requests have failed. */
    public SentRequestsAssert haveFailed(long expected) {
        return holds(
                expected + " failed",
                requests -> sum(requests, one -> one.ended().failed()) == expected);
    }

    /** So many requests went to an endpoint. */
    public SentRequestsAssert wentTo(String address, long expected) {
        return holds(expected + " to " + address, requests -> sentTo(address, requests) == expected);
    }

    /** At least one request went to each of these endpoints, and none to another one. */
    public SentRequestsAssert wentOnlyTo(String... addresses) {
        List<String> expected = List.of(addresses);
        return holds(
                "that they went only to " + expected,
                requests -> expected.stream().allMatch(address -> sentTo(address, requests) > 0)
                        && requests.stream().allMatch(one -> one.sent() == 0 || expected.contains(one.address())));
    }

    /** No request went to these endpoints, each of which the service has or had: a mistyped address is no success. */
    public SentRequestsAssert neverWentTo(String... addresses) {
        List<String> expected = List.of(addresses);
        return holds(
                "that none went to " + expected + ", and that these are its endpoints",
                requests -> expected.stream()
                        .allMatch(address ->
                                requests.stream().anyMatch(one -> one.address().equals(address))
                                        && sentTo(address, requests) == 0));
    }

    /**
     * Each endpoint that the service has, or had, got as many requests as the others.
     *
     * @param tolerance how far each may be from the mean, as a share of it: 0.2 is a fifth
     */
    public SentRequestsAssert areSpreadEvenly(double tolerance) {
        return holds("that each endpoint got the mean, give or take " + percent(tolerance), requests -> {
            double mean = sum(requests, ToEndpoint::sent) / (double) requests.size();
            return mean > 0 && requests.stream().allMatch(one -> Math.abs(one.sent() - mean) <= mean * tolerance);
        });
    }

    /**
     * An endpoint got its share of the requests.
     *
     * @param share 0 to 1
     * @param tolerance how far it may be from that, as a difference of shares: with 0.05, a share of 0.5 is from 0.45 to 0.55
     */
    public SentRequestsAssert hasShare(String address, double share, double tolerance) {
        return holds(
                "a share of " + percent(share) + ", give or take " + percent(tolerance) + ", to " + address,
                requests -> {
                    long all = sum(requests, ToEndpoint::sent);
                    return all > 0 && Math.abs(sentTo(address, requests) / (double) all - share) <= tolerance;
                });
    }

    private SentRequestsAssert holds(String expected, Function<List<ToEndpoint>, Boolean> condition) {
        isNotNull();
        long start = System.nanoTime();
        List<ToEndpoint> last = actual.perEndpoint();
        while (!condition.apply(last)) {
            if (System.nanoTime() - start >= patience.toNanos()
                    || Thread.currentThread().isInterrupted()) {
                failWithMessage(
                        "%nExpecting of the requests to %s:%n  %s%nwithin %s, but there were:%n%s",
                        actual.service(), expected, patience, described(last));
            }
            LockSupport.parkNanos(PAUSE_NANOS);
            last = actual.perEndpoint();
        }
        return this;
    }

    private String described(@Nullable List<ToEndpoint> requests) {
        return requests == null || requests.isEmpty()
                ? "  none, and no endpoint: has the application asked for this service, under this name? It has asked for: "
                        + actual.servicesOfTheApplication()
                : requests.stream().map(one -> "  " + one).collect(Collectors.joining(System.lineSeparator()));
    }

    private static long sentTo(String address, List<ToEndpoint> requests) {
        return requests.stream()
                .filter(one -> one.address().equals(address))
                .mapToLong(ToEndpoint::sent)
                .sum();
    }

    private static long sum(List<ToEndpoint> requests, ToLongFunction<ToEndpoint> figure) {
        return requests.stream().mapToLong(figure).sum();
    }

    private static String percent(double share) {
        return String.format(Locale.ROOT, "%.0f%%", share * 100);
    }
}
