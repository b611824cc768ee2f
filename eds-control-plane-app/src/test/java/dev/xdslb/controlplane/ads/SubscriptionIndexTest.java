/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.ads;

import static dev.xdslb.controlplane.ads.InMemoryResourceStore.ENDPOINTS;
import static org.assertj.core.api.Assertions.assertThat;

import dev.xdslb.controlplane.fault.Faults;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SubscriptionIndexTest {
    private final SubscriptionIndex index =
            new SubscriptionIndex(new Faults().boundary("streams"), () -> 0, (nanos, task) -> {});
    private final List<String> heard = new ArrayList<>();
    private final SubscriptionIndex.Subscriber one = (type, key, announcement) -> heard.add("one " + key);
    private final SubscriptionIndex.Subscriber two = (type, key, announcement) -> heard.add("two " + key);
    private final SubscriptionIndex.Subscriber three = (type, key, announcement) -> heard.add("three " + key);

    @Test
    void subscribers_comeAndGoInAnyNumber_andEachHearsOnce() {
        index.add(ENDPOINTS, "a", one);
        index.add(ENDPOINTS, "a", one);
        assertThat(heardOf("a")).containsExactly("one a");
        index.add(ENDPOINTS, "a", two);
        index.add(ENDPOINTS, "a", three);
        index.add(ENDPOINTS, "b", two);
        assertThat(heardOf("a")).containsExactlyInAnyOrder("one a", "two a", "three a");

        index.remove(ENDPOINTS, "a", two);
        assertThat(heardOf("a")).containsExactlyInAnyOrder("one a", "three a");
        index.remove(ENDPOINTS, "a", three);
        index.remove(ENDPOINTS, "a", three);
        assertThat(heardOf("a")).containsExactly("one a");
        index.add(ENDPOINTS, "a", two);
        assertThat(heardOf("a")).containsExactlyInAnyOrder("one a", "two a");
        index.remove(ENDPOINTS, "a", one);
        index.remove(ENDPOINTS, "a", two);
        index.remove(ENDPOINTS, "b", two);
        assertThat(heardOf("a")).isEmpty();
        assertThat(index.size()).isZero();
    }

    private List<String> heardOf(String key) {
        heard.clear();
        index.changed(ENDPOINTS, Map.of(key, ResourceStore.Cause.UNKNOWN));
        return List.copyOf(heard);
    }
}
