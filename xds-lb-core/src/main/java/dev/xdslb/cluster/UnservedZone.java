/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.cluster;

import dev.xdslb.policy.Member;
import java.util.List;
import java.util.TreeSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Says once of a service that it has no endpoint in the zone that was given as this process's, which is what a mistyped
 * zone looks like. Touched by the tick only.
 */
final class UnservedZone {
    private static final Logger log = LoggerFactory.getLogger(UnservedZone.class);

    private final String resource;
    private List<Member> seen = List.of();
    private String zoneSeen = "";
    private boolean said;

    UnservedZone(String resource) {
        this.resource = resource;
    }

    void look(String zone, List<Member> members) {
        if (said || zone.isEmpty() || (members == seen && zone.equals(zoneSeen))) {
            return;
        }
        seen = members;
        zoneSeen = zone;
        TreeSet<String> zones = new TreeSet<>();
        for (Member member : members) {
            zones.add(member.endpoint().locality().zone());
        }
        zones.remove("");
        if (!zones.isEmpty() && !zones.contains(zone)) {
            said = true;
            seen = List.of();
            log.warn(
                    "{}: no endpoint is in zone \"{}\", which xds-lb.zone or XDSLB_ZONE says this process is in; its"
                            + " requests go to all zones: {}. If the zone is one of these, correct its name; if it is left"
                            + " out, the control plane says it",
                    resource,
                    zone,
                    zones);
        }
    }
}
