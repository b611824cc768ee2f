/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.test;

import static org.assertj.core.api.Assertions.assertThat;

import dev.xdslb.endpoint.Endpoint;
import dev.xdslb.policy.Pool;
import dev.xdslb.strategy.HashSettings;
import dev.xdslb.strategy.LoadBalancingStrategy;
import dev.xdslb.strategy.Picker;
import dev.xdslb.strategy.RequestAttributes;
import dev.xdslb.strategy.RequestKey;
import dev.xdslb.strategy.RingHash;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** A strategy of an application's own that chooses among parts of the pool and leaves the rest to one of ours. */
class SubsetOfAPoolTest {
    private static final List<Endpoint> ENDPOINTS = List.of(
            TestCluster.endpoint(0).labels(Map.of("gpu", "a100")).build(),
            TestCluster.endpoint(1).labels(Map.of("gpu", "a100")).build(),
            TestCluster.endpoint(2).build(),
            TestCluster.endpoint(3).build(),
            TestCluster.endpoint(4).build());

    @Test
    void requestsForTheSpecialPods_goThere_andAllOthersElsewhere() {
        LoadBalancingStrategy strategy =
                new GpuFirst(new RingHash(HashSettings.of(RequestKey.parse("path")), new SplittableRandom(1)));
        try (TestCluster cluster = TestCluster.of(strategy, ENDPOINTS)) {
            for (int i = 0; i < 1000; i++) {
                assertThat(label(cluster, "/train/" + i)).isEqualTo("a100");
                assertThat(label(cluster, "/orders/" + i)).isNull();
            }
        }
    }

    @Test
    void whereThereAreNoSpecialPods_allTakeTheirRequests() {
        LoadBalancingStrategy strategy =
                new GpuFirst(new RingHash(HashSettings.of(RequestKey.parse("path")), new SplittableRandom(1)));
        try (TestCluster cluster = TestCluster.of(strategy, TestCluster.healthyEndpoints(3))) {
            assertThat(cluster.pick(request("/train/1"))).isNotNull();
        }
    }

    private static @Nullable String label(TestCluster cluster, String path) {
        return cluster.pick(request(path)).endpoint().labels().get("gpu");
    }

    private static RequestAttributes request(String path) {
        return new RequestAttributes() {
            @Override
            public @Nullable String header(String name) {
                return null;
            }

            @Override
            public String path() {
                return path;
            }
        };
    }

    private record GpuFirst(LoadBalancingStrategy within) implements LoadBalancingStrategy {
        @Override
        public String name() {
            return "gpu-first";
        }

        @Override
        public Picker picker(Pool pool) {
            Pool gpus = pool.where(candidate -> candidate.endpoint().labels().containsKey("gpu"));
            Pool others = pool.where(candidate -> !candidate.endpoint().labels().containsKey("gpu"));
            if (gpus.size() == 0 || others.size() == 0) {
                return within.picker(pool);
            }
            Picker ofGpus = within.picker(gpus);
            Picker ofOthers = within.picker(others);
            return request -> (request.path().startsWith("/train/") ? ofGpus : ofOthers).pick(request);
        }

        @Override
        public boolean usesPoolLoad() {
            return within.usesPoolLoad();
        }

        @Override
        public RandomGenerator groupDraws(RequestAttributes request, RandomGenerator chance) {
            return within.groupDraws(request, chance);
        }
    }
}
