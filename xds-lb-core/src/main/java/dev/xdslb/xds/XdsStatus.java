/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.xds;

import static java.util.Objects.requireNonNull;

import dev.xdslb.cluster.Fault;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.apiguardian.api.API;

/**
 * What the client knows about its control plane and its resources at one moment, for operators.
 *
 * @param address the control plane's {@code host:port}
 * @param connected whether the stream is up: it was answered, or was left open for a while
 * @param since since when that is so
 * @param trouble why there is no stream, empty while there is one or nobody has asked for one
 * @param protocol the variant of ADS in use
 * @param server what the control plane calls itself, empty when it does not
 * @param resources the endpoint lists that are asked for, by name
 * @param policies the clusters that are asked for beside them, by name; they have no endpoints of their own
 * @param traffic what was exchanged since the process began
 * @param streamTimes what became of the streams since the process began
 * @param faults what fails at present on the client's own thread, or in what watchers do there
 */
@API(status = API.Status.STABLE)
public record XdsStatus(
        String address,
        boolean connected,
        Instant since,
        String trouble,
        XdsProtocol protocol,
        String server,
        List<Resource> resources,
        List<Resource> policies,
        Traffic traffic,
        StreamTimes streamTimes,
        List<Fault> faults) {

    public XdsStatus {
        resources = List.copyOf(resources);
        policies = List.copyOf(policies);
        faults = List.copyOf(faults);
    }

    /** What has become of a resource; the states and their names are those of Envoy's client status discovery. */
    public enum State {
        /** Asked for; nothing was heard yet. */
        REQUESTED,
        /** The control plane says that there is none. */
        DOES_NOT_EXIST,
        /** The newest answer is in use. */
        ACKED,
        /** The newest answer was unusable; the one before it, if any, is in use. */
        NACKED
    }

    /**
     * One resource.
     *
     * @param name the name that was asked for
     * @param state what has become of it
     * @param version the version in use, empty for none
     * @param endpoints how many endpoints that version has
     * @param updated when the newest answer came, {@link Instant#EPOCH} for never
     * @param problem what the control plane or this client has to complain of, empty for nothing
     */
    public record Resource(String name, State state, String version, int endpoints, Instant updated, String problem) {}

    /**
     * Counters since the process began.
     *
     * @param streams streams that were tried
     * @param responses answers that were received
     * @param rejected answers that were refused in whole or in part
     * @param endpointLists endpoint lists in these answers
     * @param endpointBytes the size of these lists, in bytes
     */
    public record Traffic(long streams, long responses, long rejected, long endpointLists, long endpointBytes) {}

    /**
     * What became of the streams since the process began. One that is there counts as neither failed nor ended.
     *
     * @param failed attempts that led to no stream, or to one that the control plane did not take
     * @param answered streams on which the control plane has answered
     * @param untilAnswer how long all of those took together, from the attempt to the first answer
     * @param ended streams that the control plane had taken and that have ended
     * @param life how long all of those were there together
     */
    public record StreamTimes(long failed, long answered, Duration untilAnswer, long ended, Duration life) {
        static final StreamTimes NONE = new StreamTimes(0, 0, Duration.ZERO, 0, Duration.ZERO);

        public StreamTimes {
            requireNonNull(untilAnswer, "untilAnswer");
            requireNonNull(life, "life");
        }
    }
}
