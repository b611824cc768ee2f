/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.observe;

import dev.xdslb.endpoint.Endpoint;
import dev.xdslb.grpc.XdsLbGrpc;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ForwardingClientCall.SimpleForwardingClientCall;
import io.grpc.ManagedChannelBuilder;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.micrometer.core.instrument.binder.grpc.GrpcClientObservationContext;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationRegistry;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Says in the observation of a gRPC call which endpoint was chosen for it. The observation is current while the call starts; the endpoint is
 * known when an attempt is sent, which may be later and by another thread. The last attempt stays.
 */
public final class ObservedGrpcCalls implements GrpcCallObserver {
    private final ObservationRegistry registry;

    public ObservedGrpcCalls(ObservationRegistry registry) {
        this.registry = registry;
    }

    /** What is added to a channel first is inside of what is added later, such as the observing interceptor. */
    @Override
    public void observe(ManagedChannelBuilder<?> channel) {
        channel.intercept(new ClientInterceptor() {
            @Override
            public <Q, P> ClientCall<Q, P> interceptCall(
                    MethodDescriptor<Q, P> method, CallOptions options, Channel next) {
                ObservedCall observed = new ObservedCall();
                return new SimpleForwardingClientCall<>(
                        next.newCall(method, options.withOption(XdsLbGrpc.ATTEMPT_LISTENER, observed))) {
                    @Override
                    public void start(Listener<P> listener, Metadata headers) {
                        observed.within(registry.getCurrentObservation());
                        super.start(listener, headers);
                    }
                };
            }
        });
    }

    /** The observation of one call. */
    private static final class ObservedCall implements Consumer<Endpoint> {
        private volatile @Nullable GrpcClientObservationContext context; // null where the call is not observed

        /** Where the call itself is not observed, the current one is of whatever makes it. */
        private void within(@Nullable Observation current) {
            if (current != null && current.getContext() instanceof GrpcClientObservationContext call) {
                context = call;
            }
        }

        @Override
        public void accept(Endpoint endpoint) {
            GrpcClientObservationContext call = context;
            if (call != null) {
                call.addHighCardinalityKeyValue(MeterKey.ENDPOINT.withValue(endpoint.address()));
            }
        }
    }
}
