/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.resource;

import dev.xdslb.controlplane.topology.ServiceView;
import dev.xdslb.controlplane.topology.ServiceView.PortView;
import io.grpc.Status;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Which port of an existing service a name means. */
sealed interface PortChoice {

    record Chosen(PortView port) implements PortChoice {}

    record None(Status.Code code, String message) implements PortChoice {}

    static PortChoice of(ResourceName name, ServiceView service) {
        String who = "Service \"" + service.key() + "\"";
        if (!service.externalName().isEmpty()) {
            return new None(
                    Status.Code.FAILED_PRECONDITION,
                    who + " is of type ExternalName and has no endpoints: call " + service.externalName()
                            + " directly");
        }
        List<PortView> ports = service.ports();
        if (ports.isEmpty()) {
            return new None(Status.Code.FAILED_PRECONDITION, who + " has no TCP port: add one to its spec.ports");
        }
        if (!name.port().isEmpty()) {
            PortView port = byNumberOrName(name, ports);
            return port != null
                    ? new Chosen(port)
                    : new None(
                            Status.Code.NOT_FOUND,
                            who + " has no port \"" + name.port() + "\"; it has " + list(ports) + ", e.g. "
                                    + example(service));
        }
        if (ports.size() == 1) {
            return new Chosen(ports.get(0));
        }
        PortView port = name.grpc() ? forGrpc(ports) : byName("http", ports);
        return port != null
                ? new Chosen(port)
                : new None(
                        Status.Code.FAILED_PRECONDITION,
                        who + " has ports " + list(ports) + ": name one, e.g. " + example(service));
    }

    /** The one of that name, else the only one whose pods speak HTTP/2: so a further port, such as one of metrics, cuts nobody off. */
    private static @Nullable PortView forGrpc(List<PortView> ports) {
        PortView named = byName("grpc", ports);
        if (named != null) {
            return named;
        }
        List<PortView> http2 =
                ports.stream().filter(port -> port.port().http2()).toList();
        return http2.size() == 1 ? http2.get(0) : null;
    }

    private static @Nullable PortView byNumberOrName(ResourceName name, List<PortView> ports) {
        int number = name.portNumber();
        for (PortView port : ports) {
            if (port.port().number() == number) {
                return port;
            }
        }
        return byName(name.port(), ports);
    }

    private static @Nullable PortView byName(String name, List<PortView> ports) {
        for (PortView port : ports) {
            if (port.port().name().equals(name)) {
                return port;
            }
        }
        return null;
    }

    private static String list(List<PortView> ports) {
        return ports.stream().map(port -> port.port().toString()).collect(Collectors.joining(", "));
    }

    private static String example(ServiceView service) {
        return ResourceName.canonical(
                service.key(), service.ports().get(0).port().number());
    }
}
