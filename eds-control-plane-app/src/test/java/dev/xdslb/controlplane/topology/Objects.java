/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.topology;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Short ways to write objects of the namespace shop. */
final class Objects {

    static final KubernetesClusterName CLUSTER = new KubernetesClusterName("default");
    static final ServiceKey ORDERS = new ServiceKey("shop", "orders");

    private Objects() {}

    static ServiceObject service(String name, ServicePort... ports) {
        return new ServiceObject(new ServiceKey("shop", name), "", List.of(), List.of(ports), "");
    }

    static ServiceObject service(String name, List<AddressFamily> families, ServicePort... ports) {
        return new ServiceObject(new ServiceKey("shop", name), "", families, List.of(ports), "");
    }

    static ServicePort port(String name, int number) {
        return new ServicePort(name, number, false);
    }

    static Slice slice(String name, String service) {
        return new Slice(name, service);
    }

    static EndpointBuilder at(String... addresses) {
        return new EndpointBuilder(List.of(addresses));
    }

    static PodObject pod(String name, String uid, int weight) {
        return new PodObject("shop", name, uid, weight, "", null, Map.of(), PodObject.Location.UNKNOWN, "", "");
    }

    static PodObject readyPod(String name, String uid, Instant readySince) {
        return new PodObject(
                "shop", name, uid, 1, "7", readySince, Map.of("tier", "gold"), PodObject.Location.UNKNOWN, "", "");
    }

    static PodObject podOn(String node, String name, String... addresses) {
        return located(name, new PodObject.Location(node, "", "", List.of(addresses), false));
    }

    static PodObject located(String name, PodObject.Location location) {
        return new PodObject("shop", name, "uid-" + name, 1, "", null, Map.of(), location, "", "");
    }

    /** A slice with the port http at 8080, until it is told otherwise. */
    static final class Slice {
        private final String name;
        private final String service;
        private AddressFamily family = AddressFamily.IPV4;
        private boolean imported;
        private List<SliceObject.Port> ports = List.of(new SliceObject.Port("http", 8080));
        private final List<SliceObject.Endpoint> endpoints = new ArrayList<>();

        private Slice(String name, String service) {
            this.name = name;
            this.service = service;
        }

        Slice family(AddressFamily family) {
            this.family = family;
            return this;
        }

        Slice imported() {
            imported = true;
            return this;
        }

        Slice ports(SliceObject.Port... ports) {
            this.ports = List.of(ports);
            return this;
        }

        SliceObject of(EndpointBuilder... builders) {
            for (EndpointBuilder builder : builders) {
                endpoints.add(builder.build());
            }
            return new SliceObject("shop", name, service, imported, family, ports, endpoints, "");
        }
    }

    static final class EndpointBuilder {
        private final List<String> addresses;
        private boolean ready = true;
        private boolean serving = true;
        private boolean terminating;
        private String zone = "";
        private String node = "";
        private String pod = "";
        private String uid = "";

        private EndpointBuilder(List<String> addresses) {
            this.addresses = addresses;
        }

        EndpointBuilder conditions(boolean ready, boolean serving, boolean terminating) {
            this.ready = ready;
            this.serving = serving;
            this.terminating = terminating;
            return this;
        }

        EndpointBuilder notReady() {
            return conditions(false, false, false);
        }

        EndpointBuilder draining() {
            return conditions(false, true, true);
        }

        EndpointBuilder zone(String zone) {
            this.zone = zone;
            return this;
        }

        EndpointBuilder node(String node) {
            this.node = node;
            return this;
        }

        EndpointBuilder pod(String pod, String uid) {
            this.pod = pod;
            this.uid = uid;
            return this;
        }

        SliceObject.Endpoint build() {
            return new SliceObject.Endpoint(addresses, ready, serving, terminating, zone, node, pod, uid);
        }
    }
}
