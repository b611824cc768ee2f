/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.benchmarks.peer;

import com.twitter.finagle.Address;
import com.twitter.finagle.ClientConnection;
import com.twitter.finagle.NoBrokersAvailableException;
import com.twitter.finagle.Service;
import com.twitter.finagle.ServiceFactory;
import com.twitter.finagle.Status;
import com.twitter.finagle.loadbalancer.EndpointFactory;
import com.twitter.finagle.loadbalancer.PanicMode;
import com.twitter.finagle.loadbalancer.p2c.P2CLeastLoaded;
import com.twitter.finagle.loadbalancer.p2c.P2CPeakEwma;
import com.twitter.finagle.stats.NullStatsReceiver;
import com.twitter.finagle.util.Rng;
import com.twitter.util.Activity;
import com.twitter.util.Await;
import com.twitter.util.Duration;
import com.twitter.util.Future;
import com.twitter.util.Time;
import com.twitter.util.Updatable;
import com.twitter.util.Var;
import dev.xdslb.load.Outcome;
import dev.xdslb.simulation.SimulatedBalancer;
import dev.xdslb.simulation.SimulatedClient;
import dev.xdslb.simulation.SimulatedPod;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import scala.collection.immutable.IndexedSeq;
import scala.jdk.javaapi.CollectionConverters;
import scala.runtime.BoxedUnit;

/**
 * A balancer of Finagle, which opens a session for each request and closes it when the request has ended. Without what Finagle
 * puts around a balancer, such as failure accrual: an endpoint's status is always open.
 */
final class FinaglePeer implements SimulatedBalancer {
    private static final Duration DECAY = Duration.fromSeconds(10); // Finagle's default

    private final ServiceFactory<Object, Object> balancer;
    private final Updatable<Activity.State<IndexedSeq<EndpointFactory<Object, Object>>>> announced;
    private final Map<Integer, PodEndpoint> endpoints = new HashMap<>();
    private final Map<Integer, Service<Object, Object>> sessions = new HashMap<>(); // by request
    private int lastOpened = NO_POD;

    private FinaglePeer(Maker maker) {
        Var<Activity.State<IndexedSeq<EndpointFactory<Object, Object>>>> pods =
                Var.apply(new Activity.Ok<>(sequence()));
        announced = updatable(pods);
        balancer = maker.make(new Activity<>(pods), new NoBrokersAvailableException("simulated"));
    }

    static SimulatedBalancer peakEwma(SimulatedClient client) {
        Rng chance = Rng.apply(client.random().nextLong());
        return new FinaglePeer((pods, none) -> new P2CPeakEwma<>(
                pods,
                DECAY,
                () -> client.nanoClock().getAsLong(),
                PanicMode.MajorityUnhealthy(),
                chance,
                NullStatsReceiver.get(),
                none));
    }

    static SimulatedBalancer leastLoaded(SimulatedClient client) {
        Rng chance = Rng.apply(client.random().nextLong());
        return new FinaglePeer((pods, none) ->
                new P2CLeastLoaded<>(pods, PanicMode.MajorityUnhealthy(), chance, NullStatsReceiver.get(), none));
    }

    @Override
    public void podsChanged(long now, List<SimulatedPod> pods) {
        announced.update(new Activity.Ok<>(sequence(pods.stream()
                .filter(SimulatedPod::isReady)
                .map(pod -> endpoints.computeIfAbsent(pod.index(), index -> new PodEndpoint(pod)))
                .toArray(PodEndpoint[]::new))));
    }

    @Override
    public int pick(long now, int request) {
        try {
            sessions.put(request, Await.result(balancer.apply()));
        } catch (NoBrokersAvailableException e) {
            return NO_POD;
        } catch (Exception e) {
            throw new IllegalStateException("Finagle opened no session", e);
        }
        return lastOpened;
    }

    @Override
    public void ended(long now, int request, int pod, Outcome outcome, long latencyNanos) {
        Service<Object, Object> session = sessions.remove(request);
        if (session != null) {
            session.close();
        }
    }

    private static IndexedSeq<EndpointFactory<Object, Object>> sequence(PodEndpoint... pods) {
        List<EndpointFactory<Object, Object>> list = new ArrayList<>(List.of(pods));
        return CollectionConverters.asScala(list).toIndexedSeq();
    }

    /** In Scala its type says that it is both; in Java it cannot. */
    @SuppressWarnings("unchecked")
    private static <T> Updatable<T> updatable(Var<T> made) {
        return (Updatable<T>) made;
    }

    private interface Maker {
        ServiceFactory<Object, Object> make(
                Activity<IndexedSeq<EndpointFactory<Object, Object>>> pods, NoBrokersAvailableException none);
    }

    private final class PodEndpoint extends ServiceFactory<Object, Object> implements EndpointFactory<Object, Object> {
        private final int index;
        private final Address address;
        private final Future<Service<Object, Object>> connected = Future.value(new Connection());

        private PodEndpoint(SimulatedPod pod) {
            index = pod.index();
            address = Address.apply(new InetSocketAddress(
                    pod.endpoint().key().host(), pod.endpoint().key().port()));
        }

        @Override
        public Future<Service<Object, Object>> apply(ClientConnection client) {
            lastOpened = index;
            return connected;
        }

        @Override
        public Future<BoxedUnit> close(Time deadline) {
            return Future.Done();
        }

        @Override
        public Status status() {
            return Status.Open$.MODULE$;
        }

        @Override
        public Address address() {
            return address;
        }

        @Override
        public void remake() {}
    }

    private static final class Connection extends Service<Object, Object> {
        @Override
        public Future<Object> apply(Object request) {
            return Future.value(request);
        }
    }
}
