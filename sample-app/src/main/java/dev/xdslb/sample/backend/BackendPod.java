/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.sample.backend;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;

/**
 * A pod of the service {@code orders}: a real HTTP server and a real gRPC server, each with an address of its own. Ten of
 * them fit in one process.
 */
public final class BackendPod implements AutoCloseable {
    /** HTTP response header and gRPC field that name the pod that answered. */
    public static final String POD = "x-pod";

    /**
     * HTTP request header and gRPC metadata key by which a client may name itself. A pod gives each client its full
     * capacity.
     */
    public static final String CLIENT = "x-client";

    private final String name;
    private final Behaviour behaviour;
    private final PodWork work;
    private final HttpOrders http;
    private final GrpcOrders grpc;

    private BackendPod(String name, Behaviour behaviour, PodWork work, HttpOrders http, GrpcOrders grpc) {
        this.name = name;
        this.behaviour = behaviour;
        this.work = work;
        this.http = http;
        this.grpc = grpc;
    }

    /**
     * Starts a pod.
     *
     * @param name the name that it answers with
     * @param address where it listens
     * @param httpPort 0 for any free port
     * @param grpcPort 0 for any free port
     */
    public static BackendPod start(String name, InetAddress address, int httpPort, int grpcPort, Behaviour behaviour) {
        PodWork work = new PodWork(behaviour);
        HttpOrders http = new HttpOrders(name, new InetSocketAddress(address, httpPort), work);
        try {
            GrpcOrders grpc = new GrpcOrders(name, new InetSocketAddress(address, grpcPort), work);
            return new BackendPod(name, behaviour, work, http, grpc);
        } catch (RuntimeException e) {
            http.kill();
            throw e;
        }
    }

    public String name() {
        return name;
    }

    public int httpPort() {
        return http.port();
    }

    public int grpcPort() {
        return grpc.port();
    }

    /** Returns how it behaves; may be changed at any time. */
    public Behaviour behaviour() {
        return behaviour;
    }

    /** Returns the number of requests that have come in and have no answer yet. */
    public int requestsInFlight() {
        return work.inFlight();
    }

    /** Returns whether it takes requests. */
    public boolean isServing() {
        return http.isServing();
    }

    /** Ends as a process that is killed does: no farewell, connections break, the ports are closed. */
    public void kill() {
        http.kill();
        grpc.kill();
    }

    /** Ends as a process that is asked to: takes nothing new, answers what it has begun. */
    public void drain(Duration patience) {
        grpc.drain(patience);
        http.drain(patience);
    }

    @Override
    public void close() {
        kill();
    }
}
