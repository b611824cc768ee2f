/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.e2e;

import java.util.List;

/** What the status of an object says, as {@code kubectl} shows it. */
final class Conditions {

    private Conditions() {}

    /**
     * Returns conditions as {@code Accepted=True:Accepted}: type, status and reason.
     *
     * @param path of the conditions, such as {@code .status.conditions[*]}
     */
    static List<String> of(String kind, String name, String path) {
        String said = KubeScript.call(
                "kubectl",
                "get",
                "--namespace=" + OrdersDeployment.NAMESPACE,
                kind,
                name,
                "-o",
                "jsonpath={range " + path + "}{.type}={.status}:{.reason} {end}");
        return List.of(said.strip().split(" "));
    }
}
