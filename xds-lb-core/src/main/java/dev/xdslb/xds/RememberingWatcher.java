/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.xds;

import dev.xdslb.cluster.EndpointSource.Watcher;
import dev.xdslb.cluster.ServiceSnapshot;

/** Has what a watcher is told remembered in a file, too. */
record RememberingWatcher(String resource, Watcher watcher, LastGoodFile file) implements Watcher {

    @Override
    public void onSnapshot(ServiceSnapshot snapshot) {
        watcher.onSnapshot(snapshot);
        file.remember(resource, snapshot.endpoints().endpoints());
    }

    @Override
    public void onAbsent(String reason) {
        file.forget(resource); // first: the watcher may ask the file
        watcher.onAbsent(reason);
    }

    @Override
    public void onUnavailable(String reason) {
        watcher.onUnavailable(reason);
    }
}
