/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.springcloud;

import dev.xdslb.endpoint.Endpoint;
import dev.xdslb.endpoint.EndpointKey;
import java.net.URI;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.cloud.client.ServiceInstance;

/** An endpoint as Spring Cloud sees it. A value: two are equal when they are the same endpoint of the same service. */
final class EndpointServiceInstance implements ServiceInstance {
    private final String serviceId;
    private final Endpoint endpoint;

    EndpointServiceInstance(String serviceId, Endpoint endpoint) {
        this.serviceId = serviceId;
        this.endpoint = endpoint;
    }

    EndpointKey key() {
        return endpoint.key();
    }

    /** Returns the address of an instance, whoever made it, in the form of {@link Endpoint#address()}. */
    static String addressOf(ServiceInstance instance) {
        String host = instance.getHost();
        boolean bareIpv6 = host.indexOf(':') >= 0 && !host.startsWith("[");
        return (bareIpv6 ? '[' + host + ']' : host) + ':' + instance.getPort();
    }

    /** Returns the name of the pod, or the address where there is no pod. */
    @Override
    public String getInstanceId() {
        return endpoint.podName().isEmpty() ? endpoint.address() : endpoint.podName();
    }

    @Override
    public String getServiceId() {
        return serviceId;
    }

    /** Returns the address, in brackets where it is an IPv6 one, because Spring Cloud puts it into a URI as it is. */
    @Override
    public String getHost() {
        String host = endpoint.key().host();
        return host.indexOf(':') < 0 ? host : '[' + host + ']';
    }

    @Override
    public int getPort() {
        return endpoint.key().port();
    }

    /**
     * Returns what service discovery said. The control plane says nothing of TLS: whether it is used is said by the scheme of
     * the request, which Spring Cloud keeps.
     */
    @Override
    public boolean isSecure() {
        return InstanceEndpoint.isSecure(endpoint);
    }

    @Override
    public @Nullable String getScheme() {
        return InstanceEndpoint.scheme(endpoint);
    }

    @Override
    public URI getUri() {
        return ServiceInstance.createUri(this);
    }

    /** Returns the pod's labels that the control plane passes on, and zone, weight and shard by these names. */
    @Override
    public Map<String, String> getMetadata() {
        Map<String, String> metadata = new HashMap<>(endpoint.labels());
        metadata.remove(InstanceEndpoint.SECURE);
        metadata.remove(InstanceEndpoint.SCHEME);
        metadata.put("weight", Integer.toString(endpoint.weight()));
        if (!endpoint.locality().zone().isEmpty()) {
            metadata.put("zone", endpoint.locality().zone());
        }
        if (!endpoint.shard().isEmpty()) {
            metadata.put("shard", endpoint.shard());
        }
        return metadata;
    }

    @Override
    public boolean equals(@Nullable Object o) {
        if (o instanceof PickedServiceInstance picked) {
            return equals(picked.described());
        }
        return o instanceof EndpointServiceInstance other
                && endpoint.key().equals(other.endpoint.key())
                && serviceId.equals(other.serviceId);
    }

    @Override
    public int hashCode() {
        return endpoint.key().hashCode();
    }

    @Override
    public String toString() {
        return serviceId + '@' + endpoint.address();
    }
}
