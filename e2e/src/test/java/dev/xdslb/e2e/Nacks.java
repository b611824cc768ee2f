/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.e2e;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpResponse;
import java.util.Map;
import java.util.TreeMap;

/** What clients have refused of what a control plane told them since it started, streams that have ended included. */
final class Nacks {

    private static final String METER = "/actuator/metrics/xdslb.control-plane.nacks";

    private Nacks() {}

    /** Returns the number of refused responses by type, without the types of which nothing was refused. */
    static Map<String, Integer> byType(URI controlPlane) {
        try {
            Map<String, Integer> nacks = new TreeMap<>();
            HttpResponse<String> all = Http.get(controlPlane.resolve(METER));
            if (all.statusCode() == 404) {
                return nacks; // it has served nobody yet
            }
            for (JsonNode tag : read(all).path("availableTags")) {
                for (JsonNode type : tag.path("values")) {
                    JsonNode meter = read(Http.get(controlPlane.resolve(
                            METER + "?tag=" + tag.path("tag").asText() + ":" + type.asText())));
                    int count = meter.at("/measurements/0/value").asInt();
                    if (count > 0) {
                        nacks.put(type.asText(), count);
                    }
                }
            }
            return nacks;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static JsonNode read(HttpResponse<String> response) throws IOException {
        if (response.statusCode() != 200) {
            throw new IOException("GET " + response.uri() + ": " + response.statusCode() + " " + response.body());
        }
        return new ObjectMapper().readTree(response.body());
    }
}
