/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.autoconfigure;

import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.springframework.boot.context.properties.bind.DataObjectPropertyName;

/** Finds what somebody may have meant who sets a property that does not exist. The records of the properties say which there are. */
final class NearestProperties {
    private static final String GENERAL = "xds-lb.";
    private static final String CLIENTS = GENERAL + "clients.";
    private static final String BRACKETED = GENERAL + "clients["; // as Boot writes an id with a dot

    private static final List<String> OF_ALL = names(XdsLbProperties.class);
    private static final List<String> OF_A_CLIENT = names(XdsLbProperties.Client.class);

    private NearestProperties() {}

    private record Candidate(String name, int distance) {}

    /**
     * Returns the name that was meant, if one is near.
     *
     * @param unknown a name under {@code xds-lb}, in lower case
     */
    static Optional<String> to(String unknown) {
        if (unknown.startsWith(BRACKETED)) {
            return toThatOfAClient(unknown.substring(BRACKETED.length() - 1));
        }
        if (unknown.startsWith(CLIENTS)) {
            return toThatOfAClient(unknown.substring(CLIENTS.length()));
        }
        if (!unknown.startsWith(GENERAL)) {
            return Optional.empty();
        }
        String path = unknown.substring(GENERAL.length());
        return afterMisspeltClients(path)
                .or(() -> nearest(path, OF_ALL)
                        .or(() -> withoutItsGroup(path, OF_ALL))
                        .map(GENERAL::concat))
                .or(() -> ofAService(path))
                .or(() -> nearest(path, OF_A_CLIENT).map(name -> CLIENTS + "<id>." + name));
    }

    /** {@code client.orders.strategy}: what follows is an id, which {@link #ofAService} would take the misspelt word for. */
    private static Optional<String> afterMisspeltClients(String path) {
        int end = 0;
        while (end < path.length() && path.charAt(end) != '.' && path.charAt(end) != '[') {
            end++;
        }
        if (end == path.length() || distance(uniform(path.substring(0, end)), "clients") > limit("clients")) {
            return Optional.empty();
        }
        return toThatOfAClient(path.substring(path.charAt(end) == '.' ? end + 1 : end));
    }

    private static Optional<String> toThatOfAClient(String path) {
        int dot = path.startsWith("[") ? path.indexOf(']') + 1 : path.indexOf('.');
        if (dot <= 0 || dot >= path.length()) {
            return Optional.empty();
        }
        String name = path.substring(dot + 1);
        return ofAService(path)
                .or(() -> nearest(name, OF_A_CLIENT)
                        .or(() -> withoutItsGroup(name, OF_A_CLIENT))
                        .map(meant -> CLIENTS + path.substring(0, dot) + '.' + meant))
                .or(() -> nearest(name, OF_ALL).map(GENERAL::concat)); // one that no single service has
    }

    /** {@code orders.shop.strategy}: an id, which may have dots, before the name of what a client has. */
    private static Optional<String> ofAService(String path) {
        for (int dot = path.indexOf('.'); dot > 0; dot = path.indexOf('.', dot + 1)) {
            String name = uniform(path.substring(dot + 1));
            String id = path.substring(0, dot);
            for (String known : OF_A_CLIENT) {
                if (uniform(known).equals(name)) {
                    boolean plain = id.indexOf('.') < 0 || id.startsWith("[");
                    return Optional.of(CLIENTS + (plain ? id : '[' + id + ']') + '.' + known);
                }
            }
        }
        return Optional.empty();
    }

    private static Optional<String> nearest(String path, List<String> names) {
        int limit = limit(path);
        Candidate best = new Candidate("", limit + 1);
        for (String name : names) {
            int distance = distance(uniform(path), uniform(name));
            if (distance < best.distance) {
                best = new Candidate(name, distance);
            }
        }
        return best.distance <= limit ? Optional.of(best.name) : Optional.empty();
    }

    /** One typing error in three letters still reads as the same word, more of them do not. */
    private static int limit(String name) {
        return Math.max(1, name.length() / 3);
    }

    /** {@code address} for {@code control-plane.address}, where only one group has it. */
    private static Optional<String> withoutItsGroup(String path, List<String> names) {
        String last = '.' + uniform(path);
        List<String> same =
                names.stream().filter(name -> uniform(name).endsWith(last)).toList();
        return same.size() == 1 ? Optional.of(same.get(0)) : Optional.empty();
    }

    private static String uniform(String name) {
        return name.replace("-", "");
    }

    private static List<String> names(Class<?> properties) {
        List<String> names = new ArrayList<>();
        for (RecordComponent component : properties.getRecordComponents()) {
            String name = DataObjectPropertyName.toDashedForm(component.getName());
            if (component.getType().isRecord()) {
                names(component.getType()).forEach(nested -> names.add(name + '.' + nested));
            } else {
                names.add(name);
            }
        }
        return names;
    }

    /** Returns the edit distance (Levenshtein). */
    private static int distance(String a, String b) {
        int[] row = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int replaced = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(replaced, 1 + Math.min(row[j], row[j - 1]));
            }
        }
        return row[b.length()];
    }
}
