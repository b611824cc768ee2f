/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.load;

import static org.assertj.core.api.Assertions.assertThat;

import dev.xdslb.endpoint.EndpointKey;
import org.junit.jupiter.api.Test;

class LoadRegistryTest {
    private static final EndpointKey KEY = new EndpointKey("uid", "10.0.0.1", 80);

    private final LoadRegistry registry = new LoadRegistry(() -> 0);

    @Test
    void twoHolders_shareOneLoad() {
        EndpointLoad first = registry.acquire(KEY);
        EndpointLoad second = registry.acquire(KEY);

        assertThat(second).isSameAs(first);
        registry.release(first);
        assertThat(registry.size()).isEqualTo(1);
        registry.release(second);
        assertThat(registry.size()).isZero();
    }

    @Test
    void endpointThatComesBackWhileRequestsRun_findsThemCounted() {
        EndpointLoad load = registry.acquire(KEY);
        Lease.start(load, Lease.Listener.NONE);
        registry.release(load);

        assertThat(registry.acquire(KEY)).isSameAs(load);
        assertThat(registry.acquire(KEY).inFlight()).isEqualTo(1);
    }

    @Test
    void endpointThatIsGone_isForgottenAfterItsLastRequest() {
        EndpointLoad load = registry.acquire(KEY);
        Lease lease = Lease.start(load, Lease.Listener.NONE);
        registry.release(load);
        registry.slowTick();
        assertThat(registry.size()).isEqualTo(1);

        lease.end(Outcome.SUCCESS);
        registry.slowTick();
        assertThat(registry.size()).isZero();
    }

    @Test
    void tenThousandChurnedPods_leaveNothingBehind() {
        for (int i = 0; i < 10_000; i++) {
            EndpointLoad load = registry.acquire(new EndpointKey("uid-" + i, "10.0.0.1", 80));
            Lease lease = Lease.start(load, Lease.Listener.NONE);
            registry.release(load);
            lease.end(Outcome.SUCCESS);
        }
        registry.slowTick();

        assertThat(registry.size()).isZero();
    }
}
