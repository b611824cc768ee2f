/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.test;

import dev.xdslb.cluster.ClusterRegistry;
import dev.xdslb.cluster.ServiceReference;
import dev.xdslb.load.RequestCounts;
import java.util.List;
import org.apiguardian.api.API;
import org.assertj.core.api.AssertProvider;

/**
 * Where the requests to a service went, as the engine counts them. To be given to AssertJ:
 *
 * <pre>{@code
 * SentRequests orders = SentRequests.to(registry, "orders.shop");
 * // the application sends its requests
 * assertThat(orders).haveEnded().areSpreadEvenly(0.2);
 * }</pre>
 *
 * <p>An endpoint that comes and goes between two looks is missed; {@code DeclaredServices} looks before each change.
 */
@API(status = API.Status.EXPERIMENTAL)
public final class SentRequests implements AssertProvider<SentRequestsAssert> {
    private final RequestLedger ledger;
    private final ServiceReference service;

    SentRequests(RequestLedger ledger, ServiceReference service) {
        this.ledger = ledger;
        this.service = service;
    }

    /**
     * Begins to count the requests to a service.
     *
     * @param registry that of the application, which is a bean
     * @param service with its namespace, such as {@code orders.shop}; with a port, only requests for that port count
     */
    public static SentRequests to(ClusterRegistry registry, String service) {
        return new RequestLedger(registry).to(ServiceReference.parse(service));
    }

    /** Returns the name of the service. */
    public String service() {
        return service.resource();
    }

    /** Returns what was sent to each endpoint that the service has, or had, since it was begun to count. */
    public List<ToEndpoint> perEndpoint() {
        return ledger.read(service);
    }

    /** Returns the services that the application has asked for, for messages. */
    String servicesOfTheApplication() {
        return ledger.services();
    }

    /** Returns assertions; {@code assertThat} of AssertJ calls it. */
    @Override
    public SentRequestsAssert assertThat() {
        return new SentRequestsAssert(this);
    }

    @Override
    public String toString() {
        return "requests to " + service() + ": " + perEndpoint();
    }

    /**
     * What was sent to one endpoint.
     *
     * @param address {@code host:port}
     * @param sent requests and streams that were started, 0 or more
     * @param inFlight those that have not ended
     * @param ended how the others have ended
     */
    public record ToEndpoint(String address, long sent, long inFlight, RequestCounts ended) {
        @Override
        public String toString() {
            return address + ": " + sent + " sent, " + inFlight + " in flight, " + ended.succeeded() + " succeeded, "
                    + ended.failed() + " failed, " + ended.refused() + " refused, " + ended.cancelled() + " cancelled";
        }
    }
}
