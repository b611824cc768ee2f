/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.observe;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.actuate.endpoint.SecurityContext;
import org.springframework.boot.actuate.endpoint.annotation.DeleteOperation;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.annotation.WriteOperation;
import org.springframework.boot.actuate.endpoint.jmx.annotation.EndpointJmxExtension;
import org.springframework.boot.actuate.endpoint.web.WebEndpointResponse;

/**
 * The operations of {@link XdsLbEndpoint} as JMX can carry them: an answer is the body without a status, and what would be an error over HTTP
 * is an exception with the same text. An operation takes the place of the one of the same name there.
 */
@EndpointJmxExtension(endpoint = XdsLbEndpoint.class)
public final class XdsLbJmxExtension {
    private final XdsLbEndpoint endpoint;

    public XdsLbJmxExtension(XdsLbEndpoint endpoint) {
        this.endpoint = endpoint;
    }

    @ReadOperation
    @Nullable
    Object cluster(
            String cluster,
            @Nullable Integer offset,
            @Nullable Integer limit,
            @Nullable String zone,
            @Nullable String state) {
        return body(endpoint.cluster(cluster, offset, limit, zone, state));
    }

    @ReadOperation
    @Nullable
    Object about(String cluster, String what, @Nullable String header, @Nullable String cookie, @Nullable String path) {
        return body(endpoint.about(cluster, what, header, cookie, path));
    }

    @WriteOperation
    @Nullable
    Object change(
            String cluster,
            String what,
            @Nullable String endpoint,
            @Nullable String strategy,
            @Nullable Integer oneIn,
            @Nullable Integer keep,
            @Nullable Integer minutes) {
        return body(
                this.endpoint.change(cluster, what, endpoint, strategy, oneIn, keep, minutes, SecurityContext.NONE));
    }

    @DeleteOperation
    @Nullable
    Object end(String cluster, String what, @Nullable String endpoint) {
        return body(this.endpoint.end(cluster, what, endpoint, SecurityContext.NONE));
    }

    private static @Nullable Object body(WebEndpointResponse<Object> answer) {
        if (answer.getStatus() >= WebEndpointResponse.STATUS_BAD_REQUEST) {
            throw new IllegalArgumentException(String.valueOf(answer.getBody()));
        }
        return answer.getBody();
    }
}
