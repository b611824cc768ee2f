/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.xds;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What a cluster says in our metadata, where CDS has no field. Fields that nobody has asked for are named: a newer control plane
 * may say more than this client knows.
 */
final class OurFields {
    private static final String METADATA_KEY = "dev.xdslb";

    private static final int MAX_TEXT = 500;
    private static final int MAX_NAMED = 20;
    private static final Duration LONGEST = Duration.ofDays(365);

    private final Struct fields;
    private final Set<String> known = new HashSet<>();

    private OurFields(Struct fields) {
        this.fields = fields;
    }

    static OurFields of(dev.xdslb.xds.proto.Metadata metadata) {
        return new OurFields(metadata.getFilterMetadataOrDefault(METADATA_KEY, Struct.getDefaultInstance()));
    }

    /** Returns a text, which may be empty; null where nothing is said. */
    @Nullable
    String text(String field, String expected) throws UnusableResourceException {
        Value value = value(field);
        if (value == null) {
            return null;
        }
        if (!value.hasStringValue() || value.getStringValue().length() > MAX_TEXT) {
            throw unusable(field, value, expected + ", of at most " + MAX_TEXT + " characters");
        }
        return value.getStringValue();
    }

    @Nullable
    Boolean flag(String field) throws UnusableResourceException {
        Value value = value(field);
        if (value != null && !value.hasBoolValue()) {
            throw unusable(field, value, "true or false");
        }
        return value == null ? null : value.getBoolValue();
    }

    /** Returns a number, whose range others know. */
    @Nullable
    Double number(String field) throws UnusableResourceException {
        Value value = value(field);
        if (value != null && !value.hasNumberValue()) {
            throw unusable(field, value, "a number");
        }
        return value == null ? null : value.getNumberValue();
    }

    @Nullable
    Integer count(String field, int min, int max) throws UnusableResourceException {
        Value value = value(field);
        if (value == null) {
            return null;
        }
        double number = value.hasNumberValue() ? value.getNumberValue() : Double.NaN;
        if (!(number >= min && number <= max && number == Math.rint(number))) {
            throw unusable(field, value, "a whole number from " + min + " to " + max);
        }
        return (int) number;
    }

    /** Returns a duration that is given in milliseconds. */
    @Nullable
    Duration millis(String field) throws UnusableResourceException {
        Value value = value(field);
        if (value == null) {
            return null;
        }
        double number = value.hasNumberValue() ? value.getNumberValue() : Double.NaN;
        if (!(number >= 0 && number <= LONGEST.toMillis())) {
            throw unusable(field, value, "milliseconds, up to a year");
        }
        return Duration.ofMillis((long) number);
    }

    /** Returns what is wrong with a field. */
    static UnusableResourceException unusable(String field, Object value, String expected) {
        return new UnusableResourceException("metadata.filter_metadata[\"" + METADATA_KEY + "\"]." + field + ": "
                + value + " (expected: " + expected + ')');
    }

    /** Adds the fields that nobody has asked for. */
    void nameUnknown(List<String> notObeyed) {
        new TreeSet<>(fields.getFieldsMap().keySet())
                .stream()
                        .filter(field -> !known.contains(field))
                        .limit(MAX_NAMED)
                        .forEach(field -> notObeyed.add("metadata.filter_metadata[\"" + METADATA_KEY + "\"]."
                                + (field.length() > MAX_TEXT ? field.substring(0, MAX_TEXT) + '…' : field)));
    }

    private @Nullable Value value(String field) {
        known.add(field);
        return fields.getFieldsOrDefault(field, null);
    }

    private static UnusableResourceException unusable(String field, Value value, String expected) {
        Object given = switch (value.getKindCase()) {
            case STRING_VALUE -> '"' + shown(value.getStringValue()) + '"';
            case NUMBER_VALUE -> value.getNumberValue();
            case BOOL_VALUE -> value.getBoolValue();
            default -> value.getKindCase();
        };
        return unusable(field, given, expected);
    }

    private static String shown(String text) {
        return text.length() <= 100 ? text : text.substring(0, 100) + '…';
    }
}
