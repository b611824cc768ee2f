/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.sample.demo;

import java.util.Map;
import java.util.Set;

/**
 * What came of a scenario.
 *
 * @param pods the pods that were ready at its end
 * @param figures what each client did
 */
record ScenarioResult(Scenario scenario, Set<String> pods, Map<ClientKind, ClientFigures> figures) {

    /** Returns whether pods leave the clients' tables in this scenario. */
    boolean removesPods() {
        return scenario == Scenario.POD_KILLED || scenario == Scenario.ZONE_DOWN;
    }
}
