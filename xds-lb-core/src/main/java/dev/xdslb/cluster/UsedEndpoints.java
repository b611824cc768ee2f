/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.cluster;

import dev.xdslb.endpoint.Endpoint;
import dev.xdslb.endpoint.EndpointKey;
import dev.xdslb.policy.ClientSubset;
import dev.xdslb.policy.ClientSubsetChooser;
import dev.xdslb.policy.Member;
import dev.xdslb.policy.ZoneSettings.Affinity;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Which of a cluster's endpoints this client uses. Not thread-safe: the publication's lock is held. */
final class UsedEndpoints {
    private static final Logger log = LoggerFactory.getLogger(UsedEndpoints.class);

    private final String resource;
    private final ClusterContext context;
    private ClusterSettings settings;
    private ClientSubsetChooser chooser;
    private List<Endpoint> published = List.of(); // all that there are
    private List<String> said = List.of(); // why so many are used, as it was logged last

    UsedEndpoints(String resource, ClusterContext context, ClusterSettings settings) {
        this.resource = resource;
        this.context = context;
        this.settings = settings;
        this.chooser = chooser(settings);
    }

    /** Takes other settings. */
    void settings(ClusterSettings newSettings) {
        boolean choosesAlike = newSettings
                        .policy()
                        .endpointsPerClient()
                        .equals(settings.policy().endpointsPerClient())
                && prefersOwnZone(newSettings) == prefersOwnZone(settings)
                && Objects.equals(newSettings.subset(), settings.subset());
        settings = newSettings;
        if (!choosesAlike) {
            chooser = chooser(newSettings);
        }
    }

    /** Takes the endpoints that there are now. */
    void published(List<Endpoint> endpoints) {
        published = endpoints;
    }

    /**
     * Chooses among the endpoints.
     *
     * @param members what is known of those that are used already
     * @return the same object as before where it is the same choice
     */
    ClientSubset choose(Function<EndpointKey, @Nullable Member> members) {
        ClientSubset chosen = chooser.choose(published, members);
        List<String> why =
                chosen.parts().stream().map(ClientSubset.Part::why).distinct().toList();
        if (!why.equals(said) && !published.isEmpty()) {
            said = why;
            log.info(
                    "{}: this client uses {} of {} endpoints {}",
                    resource,
                    chosen.chosen().size(),
                    published.size(),
                    why.isEmpty() ? "(endpoints-per-client is off)" : why);
        }
        return chosen;
    }

    private ClientSubsetChooser chooser(ClusterSettings of) {
        SubsetSettings routed = of.subset();
        return new ClientSubsetChooser(
                of.policy().endpointsPerClient(),
                prefersOwnZone(of),
                routed == null ? endpoint -> "" : routed::valueOf,
                context.place(),
                context.nanoClock());
    }

    private static boolean prefersOwnZone(ClusterSettings of) {
        return of.policy().zones().affinity() != Affinity.OFF;
    }
}
