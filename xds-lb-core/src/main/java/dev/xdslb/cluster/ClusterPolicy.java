/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.cluster;

import static java.util.Objects.requireNonNull;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What one cluster is set to, and by what: the source's word, and whoever gives settings. That is foreign code, which is asked
 * without any lock and may answer late or not at all; an answer to an older question than the last one used is dropped.
 *
 * <p><b>Writers:</b> the source's thread and whoever changes settings, under this object's lock. <b>Readers:</b> any, without.
 */
final class ClusterPolicy {
    private static final Logger log = LoggerFactory.getLogger(ClusterPolicy.class);

    private final String resource;
    private final ClusterSettingsProvider provider;
    private final FaultBoundary boundary;
    private ServicePolicy said = ServicePolicy.NONE; // guarded by this
    private long asked; // how often; guarded by this
    private Answer given; // the newest; guarded by this
    private Answer used; // the same, with what is put over it; guarded by this
    private volatile @Nullable StrategyOverride override; // written under this
    private volatile ClusterSettings settings; // of the answer in use
    private volatile boolean configured;

    /**
     * Asks for the first settings.
     *
     * @throws RuntimeException when they cannot be had
     */
    ClusterPolicy(String resource, ClusterSettingsProvider provider, Faults faults) {
        this.resource = resource;
        this.provider = provider;
        this.boundary = faults.boundary(resource + ": its settings", "those in use stay");
        try {
            this.given = answer(0, said);
            this.used = given;
        } catch (Error e) { // RuntimeExceptions are for whoever asks for the cluster, such as one for a name that
            // cannot be
            throw new IllegalStateException(
                    "the settings of " + resource + " cannot be made: " + FaultBoundary.describe(e), e);
        }
        this.settings = used.settings;
        lookWhetherConfigured();
    }

    ClusterSettings settings() {
        return settings;
    }

    /** Returns whether the configuration names it. */
    boolean isConfigured() {
        return configured;
    }

    /** Asks again whether the configuration names it; where that fails, it is as before. */
    void lookWhetherConfigured() {
        Boolean answer = boundary.call(() -> provider.isConfigured(resource));
        if (answer != null) {
            configured = answer;
        }
    }

    /** Returns what the source says. */
    synchronized ServicePolicy said() {
        return said;
    }

    /** Learns what the source says; returns whether that is new. */
    synchronized boolean said(ServicePolicy policy) {
        boolean isNew = !policy.equals(said);
        said = policy;
        return isNew;
    }

    /** Asks for settings; null where there are none to be had, and those in use stay. No lock is to be held. */
    @Nullable
    Answer ask() {
        long question;
        ServicePolicy policy;
        synchronized (this) {
            question = ++asked;
            policy = said;
        }
        return boundary.call(() -> answer(question, policy));
    }

    /** Takes an answer into use; returns false where it is outdated, or says what the one in use says. */
    synchronized boolean use(Answer answer) {
        if (answer.question < given.question) {
            return false;
        }
        given = answer;
        return use();
    }

    /** Returns what an operator has put over the settings, null for nothing. */
    @Nullable
    StrategyOverride override() {
        return override;
    }

    /**
     * Puts something over the settings, or, where this is null, takes it away; returns whether the settings in use are others now.
     *
     * @throws IllegalArgumentException when the settings do not go together with it
     */
    synchronized boolean override(@Nullable StrategyOverride newOverride) {
        if (newOverride != null) {
            Answer unused = newOverride.over(given); // to be refused before anything changes
        }
        override = newOverride;
        return use();
    }

    /** Lock held. */
    private boolean use() {
        Answer next = given;
        StrategyOverride present = override;
        if (present != null) {
            try {
                next = present.over(given);
            } catch (IllegalArgumentException e) {
                log.warn(
                        "{}: the strategy that was put over the settings for a while is given up, as they have changed: {}",
                        resource,
                        e.getMessage());
                override = null;
            }
        }
        boolean isNew = !next.settings.equals(used.settings);
        used = next;
        settings = next.settings;
        return isNew;
    }

    /** Lets a cluster's requests be counted as the settings in use need it. */
    synchronized void needs(InFlightRequests requests) {
        requests.settings(
                used.usesResponseTimes,
                used.usesPoolLoad,
                used.settings.policy().limits().maxInFlight());
    }

    /** Nobody is to hear of what failed before: the cluster sleeps. */
    void forgetFaults() {
        boundary.forget();
    }

    private Answer answer(long question, ServicePolicy policy) {
        ClusterSettings answer =
                requireNonNull(provider.settings(resource, policy), () -> "the settings of " + resource + " are null");
        return new Answer(
                question,
                answer,
                answer.strategy().usesResponseTimes(),
                answer.strategy().usesPoolLoad());
    }

    /**
     * Settings, and what their strategy, which may be anybody's code, says that it needs.
     *
     * @param question its number
     */
    record Answer(long question, ClusterSettings settings, boolean usesResponseTimes, boolean usesPoolLoad) {}
}
