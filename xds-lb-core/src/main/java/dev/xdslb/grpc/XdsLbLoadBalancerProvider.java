/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.grpc;

import io.grpc.LoadBalancer;
import io.grpc.LoadBalancerProvider;
import io.grpc.NameResolver.ConfigOrError;
import io.grpc.protobuf.services.HealthCheckingLoadBalancerUtil;
import java.util.Map;

/** Makes the policy of each channel. Knows no application: the cluster arrives with the resolver's addresses. */
final class XdsLbLoadBalancerProvider extends LoadBalancerProvider {
    /** What grpc-java's own policies have; ours is the only one of its name. */
    private static final int PRIORITY = 5;

    /** Whether grpc-services is there, which asks the servers. */
    static final boolean HAS_HEALTH_CHECKS = hasHealthChecks();

    private static final ConfigOrError NO_CONFIG = ConfigOrError.fromConfig(XdsLbGrpc.POLICY);

    /** As of gRPC's own policies, a connection is ready when the server's health service says so, where the channel asks for that. */
    @Override
    public LoadBalancer newLoadBalancer(LoadBalancer.Helper helper) {
        return HAS_HEALTH_CHECKS ? HealthChecked.newLoadBalancer(helper) : new XdsLbLoadBalancer(helper);
    }

    @Override
    public ConfigOrError parseLoadBalancingPolicyConfig(Map<String, ?> rawConfig) {
        return NO_CONFIG;
    }

    @Override
    public String getPolicyName() {
        return XdsLbGrpc.POLICY;
    }

    @Override
    public boolean isAvailable() {
        return true;
    }

    @Override
    public int getPriority() {
        return PRIORITY;
    }

    private static boolean hasHealthChecks() {
        try {
            Class.forName(
                    "io.grpc.protobuf.services.HealthCheckingLoadBalancerUtil",
                    false,
                    XdsLbLoadBalancerProvider.class.getClassLoader());
            return true;
        } catch (ClassNotFoundException | LinkageError e) {
            return false;
        }
    }

    /** Loaded only where grpc-services is there. */
    private static final class HealthChecked {
        private static final LoadBalancer.Factory FACTORY = new LoadBalancer.Factory() {
            @Override
            public LoadBalancer newLoadBalancer(LoadBalancer.Helper helper) {
                return new XdsLbLoadBalancer(helper);
            }
        };

        private static LoadBalancer newLoadBalancer(LoadBalancer.Helper helper) {
            return HealthCheckingLoadBalancerUtil.newHealthCheckingLoadBalancer(FACTORY, helper);
        }
    }
}
