/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.http.webclient;

import org.springframework.web.reactive.function.client.WebClient;
import org.springframework.web.reactive.function.client.support.WebClientHttpServiceGroupConfigurer;

/** The same for the clients of groups of HTTP interfaces, which are made in another way. */
public final class AttemptsOfGroups implements WebClientHttpServiceGroupConfigurer {

    @Override
    public void configureGroups(Groups<WebClient.Builder> groups) {
        groups.forEachClient((group, builder) -> AttemptsOfClients.remember(builder));
    }
}
