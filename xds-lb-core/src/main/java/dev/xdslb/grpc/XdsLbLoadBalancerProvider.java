/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.grpc;

import io.grpc.LoadBalancer;
import io.grpc.LoadBalancerProvider;
import io.grpc.NameResolver.ConfigOrError;
import java.util.Map;

/** Makes the policy of each channel. Knows no application: the cluster arrives with the resolver's addresses. */
final class XdsLbLoadBalancerProvider extends LoadBalancerProvider {
    /** What grpc-java's own policies have; ours is the only one of its name. */
    private static final int PRIORITY = 5;

    private static final ConfigOrError NO_CONFIG = ConfigOrError.fromConfig(XdsLbGrpc.POLICY);

    @Override
    public LoadBalancer newLoadBalancer(LoadBalancer.Helper helper) {
        return new XdsLbLoadBalancer(helper);
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
}
