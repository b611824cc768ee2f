/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.xds;

import dev.xdslb.cluster.EndpointSource;
import dev.xdslb.cluster.ServiceSnapshot;
import dev.xdslb.endpoint.Endpoint;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;

/** Writes down what it is told, one line each. */
final class RecordingWatcher implements EndpointSource.Watcher {
    final List<String> news = new CopyOnWriteArrayList<>();
    final List<String> policies = new CopyOnWriteArrayList<>(); // the strategy of each snapshot, empty for none

    @Override
    public void onSnapshot(ServiceSnapshot snapshot) {
        List<String> addresses =
                snapshot.endpoints().endpoints().stream().map(Endpoint::address).toList();
        policies.add(Objects.requireNonNullElse(snapshot.policy().strategy(), ""));
        news.add(snapshot.endpoints().version() + ' ' + addresses);
    }

    @Override
    public void onAbsent(String reason) {
        news.add("absent: " + reason);
    }

    @Override
    public void onUnavailable(String reason) {
        news.add("unavailable: " + reason);
    }
}
