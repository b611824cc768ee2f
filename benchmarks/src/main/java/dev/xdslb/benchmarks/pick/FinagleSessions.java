/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.benchmarks.pick;

import com.twitter.finagle.Address;
import com.twitter.finagle.ClientConnection;
import com.twitter.finagle.NoBrokersAvailableException;
import com.twitter.finagle.Service;
import com.twitter.finagle.ServiceFactory;
import com.twitter.finagle.Stack;
import com.twitter.finagle.Status;
import com.twitter.finagle.loadbalancer.Balancers;
import com.twitter.finagle.loadbalancer.EndpointFactory;
import com.twitter.finagle.util.Rng;
import com.twitter.util.Activity;
import com.twitter.util.Await;
import com.twitter.util.Duration;
import com.twitter.util.Future;
import com.twitter.util.Time;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import scala.collection.immutable.IndexedSeq;
import scala.jdk.javaapi.CollectionConverters;
import scala.runtime.BoxedUnit;

/**
 * Finagle's power of two choices with peak EWMA. It counts sessions; here, as with HTTP/1.1, each request is one. The endpoints
 * behind it are connected and free.
 */
final class FinagleSessions implements MeasuredBalancer {
    private static final Duration DECAY = Duration.fromSeconds(10);

    private final ServiceFactory<Object, Object> balancer;

    FinagleSessions(EndpointPool pool) {
        List<EndpointFactory<Object, Object>> endpoints = new ArrayList<>();
        for (int i = 0; i < pool.size(); i++) {
            endpoints.add(new ConnectedEndpoint(new InetSocketAddress(EndpointPool.host(i), EndpointPool.port())));
        }
        IndexedSeq<EndpointFactory<Object, Object>> sequence =
                CollectionConverters.asScala(endpoints).toIndexedSeq();
        balancer = Balancers.p2cPeakEwma(DECAY, Rng.threadLocal())
                .newBalancer(
                        Activity.value(sequence),
                        new NoBrokersAvailableException("measured"),
                        Stack.Params$.MODULE$.empty());
    }

    @Override
    public Object pickAndRelease() {
        Service<Object, Object> session;
        try {
            session = Await.result(balancer.apply());
        } catch (Exception e) {
            throw new IllegalStateException("Finagle has no session", e);
        }
        return session.close();
    }

    @Override
    public void close() {
        balancer.close();
    }

    private static final class ConnectedEndpoint extends ServiceFactory<Object, Object>
            implements EndpointFactory<Object, Object> {
        private final Address address;
        private final Future<Service<Object, Object>> connected = Future.value(new Connection());

        private ConnectedEndpoint(InetSocketAddress address) {
            this.address = Address.apply(address);
        }

        @Override
        public Future<Service<Object, Object>> apply(ClientConnection client) {
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
