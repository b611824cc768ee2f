/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.http;

import dev.xdslb.springcloud.PickedServiceInstance;
import java.io.IOException;
import java.net.URI;
import java.util.List;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;
import org.jspecify.annotations.Nullable;
import org.springframework.cloud.client.ServiceInstance;

/**
 * The pod that one attempt of a request goes to, and the name that its certificate must carry. Handed to the HTTP client beside the
 * URI, which has room for the pod's address only: on the thread of a blocking request, and in the Reactor Context of another one.
 *
 * <p>It holds for the pod's address and for nothing else, so that a call that a filter makes meanwhile is not taken for the
 * request.
 */
public final class PodTarget {
    private static final ThreadLocal<PodTarget> CURRENT = new ThreadLocal<>();

    /** How the JDK says that a certificate is for another name. */
    private static final List<String> OF_NAMES = List.of("No name matching", "No subject alternative");

    private final String serviceId;
    private final String serverName;
    private final String host;
    private final int port;
    private volatile Verified verified = Verified.ADDRESS;

    PodTarget(String serviceId, String serverName, String host, int port) {
        this.serviceId = serviceId;
        this.serverName = serverName;
        this.host = host;
        this.port = port;
    }

    /**
     * Returns the pod that a request goes to.
     *
     * @param chosen the instance, in whatever it was wrapped into; null for none
     * @param uri of the request, with or without the pod's address in it. Where clients verify by name, it does not decide: whoever puts
     *     the address in may make it https yet
     * @return null where another balancer chose; where nobody will ask for it, as without TLS; and where the endpoint is known by a host name, which is then the one that it
     *     has to prove
     */
    public static @Nullable PodTarget of(
            @Nullable ServiceInstance chosen, @Nullable URI uri, ServiceConnections connections) {
        PickedServiceInstance picked = PickedServiceInstance.in(chosen);
        if (chosen == null || picked == null) {
            return null;
        }
        boolean isAskedFor = connections.isNameVerified() || connections.isAnyHostPreserved();
        if (!isAskedFor && uri != null && "http".equalsIgnoreCase(uri.getScheme()) && !isOverTls(chosen)) {
            return null;
        }
        String host = picked.getHost();
        if (!isAddress(host)) {
            return null;
        }
        String serviceId = picked.getServiceId();
        String configured = connections.of(serviceId).serverName();
        return new PodTarget(
                serviceId, withoutDot(configured == null ? serviceId : configured), host, picked.getPort());
    }

    /** Spring Cloud goes by either, and by the wrapper that it is given. */
    private static boolean isOverTls(ServiceInstance chosen) {
        return chosen.isSecure() || "https".equalsIgnoreCase(chosen.getScheme());
    }

    /** Returns where the request goes that this thread sends, null where it sends none to a pod. */
    public static @Nullable PodTarget current() {
        return CURRENT.get();
    }

    /** Returns the name that the pod's certificate must carry, if a request to this URI is the one that goes to the pod. */
    public @Nullable String nameFor(@Nullable URI uri) {
        if (uri == null || !"https".equalsIgnoreCase(uri.getScheme()) || !isAt(uri)) {
            return null;
        }
        verified = Verified.NAME;
        return serverName;
    }

    /** Says that a client that was told the name has no room for another one, and verifies the address. */
    void hasNoRoom() {
        verified = Verified.ADDRESS_FOR_WANT_OF_ROOM;
    }

    /** Returns whether a request to this URI is the one that goes to the pod. */
    public boolean isAt(@Nullable URI uri) {
        return uri != null && uri.getPort() == port && host.equals(uri.getHost());
    }

    /** Sends a request on this thread. A request within a request has a target of its own. */
    public static <T> T sending(@Nullable PodTarget target, Sending<T> sending) throws Exception {
        PodTarget outer = CURRENT.get();
        if (target == null && outer == null) {
            return sending.send();
        }
        set(target);
        try {
            return sending.send();
        } catch (IOException e) {
            throw target == null ? e : target.explained(e);
        } finally {
            set(outer);
        }
    }

    /**
     * Lets what this thread sends from now on go to a pod, until it is replaced again: for clients that tell of their attempts, and where
     * nobody is around each of them.
     *
     * @return what there was
     */
    public static @Nullable PodTarget replace(@Nullable PodTarget target) {
        PodTarget before = CURRENT.get();
        if (before != target) {
            set(target);
        }
        return before;
    }

    private static void set(@Nullable PodTarget target) {
        if (target == null) {
            CURRENT.remove();
        } else {
            CURRENT.set(target);
        }
    }

    /** Returns a failure that says what to do, where a certificate is not for the name that it was verified against. */
    public IOException explained(IOException failure) {
        if (!isOfNames(failure)) {
            return failure;
        }
        SSLHandshakeException explained = new SSLHandshakeException(
                serviceId + " at " + host + ':' + port + ": " + reason() + " (" + failure.getMessage() + ')');
        explained.initCause(failure);
        return explained;
    }

    private String reason() {
        return switch (verified) {
            case NAME -> notForTheName();
            case ADDRESS -> notForTheAddress();
            case ADDRESS_FOR_WANT_OF_ROOM -> notForTheAddressForWantOfRoom();
        };
    }

    private String notForTheName() {
        return "the certificate of the pod is not for \"" + serverName
                + "\". Give the pods one that is, or name one of the names" + " that it has in xds-lb.clients."
                + serviceId + ".authority.";
    }

    private String notForTheAddress() {
        return "this HTTP client verifies the certificate of the pod against the pod's address, not against \""
                + serverName
                + "\". Set xds-lb.verify-service-name to true and build it with Spring Boot's ClientHttpRequestFactoryBuilder or ClientHttpConnectorBuilder bean (see"
                + " docs/compatibility.md), or leave TLS to a mesh, or set xds-lb.clients." + serviceId
                + ".enabled to false.";
    }

    private String notForTheAddressForWantOfRoom() {
        return "this HTTP client verifies the pods of " + ByName.MOST + " names already, and has no room for \""
                + serverName + "\": the certificate of the pod was verified against the pod's address. Write each"
                + " service in one way (orders and orders.shop are two names), give services the same name by"
                + " xds-lb.clients.<id>.authority, or build a second client.";
    }

    private static boolean isOfNames(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            String message = String.valueOf(cause.getMessage());
            boolean ofApache = cause instanceof SSLException && message.contains("doesn't match");
            if (ofApache || OF_NAMES.stream().anyMatch(message::startsWith)) {
                return true;
            }
        }
        return false;
    }

    /** Certificates and SNI have no dot at the end of a name. */
    private static String withoutDot(String name) {
        return name.endsWith(".") ? name.substring(0, name.length() - 1) : name;
    }

    static boolean isAddress(@Nullable String host) {
        if (host == null || host.isEmpty()) {
            return false;
        }
        return host.indexOf(':') >= 0 || host.chars().allMatch(c -> c == '.' || (c >= '0' && c <= '9'));
    }

    /** What the certificate is verified against. */
    private enum Verified {
        NAME,
        ADDRESS,
        ADDRESS_FOR_WANT_OF_ROOM
    }

    /** Sends a request and waits for its answer. */
    public interface Sending<T> {
        T send() throws Exception;
    }
}
