/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.springcloud;

import dev.xdslb.cluster.ClusterPicker;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.springframework.cloud.client.ServiceInstance;

/**
 * The restrictions of one picker to the lists of instances that requests came with lately, because a list often depends on
 * the request: on its hint, its cookie, its version. Bounded: the oldest makes room. A restriction that is lost, as two
 * threads may write at once, is made anew.
 */
final class Restrictions {
    /** More than an application has hints or versions; each costs about as much as the cluster's own picker. */
    private static final int MAX = 16;

    private final ClusterPicker whole;
    private final AtomicReferenceArray<Restriction> lately = new AtomicReferenceArray<>(MAX); // filled from 0 on
    private final AtomicInteger made = new AtomicInteger();

    Restrictions(ClusterPicker whole) {
        this.whole = whole;
    }

    boolean isOf(ClusterPicker picker) {
        return whole == picker;
    }

    Restriction to(List<ServiceInstance> list) {
        for (int i = 0; i < MAX; i++) {
            Restriction known = lately.get(i);
            if (known == null) {
                break;
            }
            if (known.isTo(list)) {
                return known;
            }
        }
        Restriction restriction = new Restriction(whole, list);
        lately.set(Math.floorMod(made.getAndIncrement(), MAX), restriction);
        return restriction;
    }
}
