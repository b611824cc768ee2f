/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.sample;

import static org.assertj.core.api.Assertions.assertThat;

import dev.xdslb.controlplane.topology.PolicyKnob;
import dev.xdslb.observe.XdsLbMeter;
import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.yaml.snakeyaml.Yaml;

/**
 * Names that users and other programs write down stay what they are: properties, meters with their keys, and what is on the wire beyond
 * xDS itself. {@link PublicApiTest} does the same for types.
 */
class NamesTest {
    /** One name a line. Written anew by {@code -Dxdslb.api.update=true}; the difference is for the reviewer. */
    private static final Path BASELINE = Path.of("../config/names.txt");

    private static final boolean UPDATE = Boolean.getBoolean("xdslb.api.update");

    private static final List<Path> SOURCES =
            List.of(Path.of("../xds-lb-core/src/main/java"), Path.of("../eds-control-plane-app/src/main/java"));

    private static final Path PLACE = Path.of("../eds-control-plane-app/src/main/protobuf/dev/xdslb/v1/place.proto");

    private static final Pattern TYPE = Pattern.compile("\"(type\\.googleapis\\.com/dev\\.xdslb[^\"]*)\"");
    private static final Pattern ANNOTATION =
            Pattern.compile("(?:\"xdslb\\.dev/|\\bPREFIX \\+ \")(?!gateway-controller)([a-z-]+)\"");
    private static final Pattern CONTROLLER = Pattern.compile("\"(xdslb\\.dev/gateway-controller)\"");
    private static final Pattern METADATA = Pattern.compile(
            "(?:text\\(metadata, |limit\\(ours, |(?:ours|metadata)\\.getFieldsOrDefault\\()\"([a-z_]+)\"");
    private static final Pattern NODE_METADATA = Pattern.compile("putKnown\\(metadata, \"([a-z_]+)\"");
    private static final Pattern VARIABLE = Pattern.compile("\"((?:POD|XDSLB)_[A-Z_]+)\"");
    private static final Pattern FIELD = Pattern.compile("(?m)^  ([a-z0-9_<>, ]+ [a-z_]+ = \\d+);");

    @Test
    void names_areThoseOfTheBaseline() throws IOException {
        List<String> lines = new ArrayList<>();
        properties().forEach(property -> lines.add("property " + property));
        Arrays.stream(XdsLbMeter.values())
                .map(meter -> "meter " + meter.getName() + ' ' + meter.getType() + ' '
                        + Arrays.stream(meter.getKeyNames())
                                .map(key -> key.asString())
                                .toList())
                .sorted()
                .forEach(lines::add);
        String sources = sources();
        found(TYPE, sources).forEach(name -> lines.add("wire type " + name));
        found(FIELD, Files.readString(PLACE)).forEach(field -> lines.add("wire field ClientPlace: " + field));
        SortedSet<String> metadata = found(METADATA, sources);
        SortedSet<String> annotations = found(ANNOTATION, sources);
        for (PolicyKnob knob : PolicyKnob.values()) {
            metadata.add(knob.field());
            annotations.add(knob.annotation());
        }
        metadata.forEach(name -> lines.add("wire filter_metadata dev.xdslb: " + name));
        found(NODE_METADATA, sources).forEach(name -> lines.add("wire node metadata: " + name));
        annotations.forEach(name -> lines.add("annotation xdslb.dev/" + name));
        found(CONTROLLER, sources).forEach(name -> lines.add("gateway controller " + name));
        found(VARIABLE, sources).forEach(name -> lines.add("environment variable " + name));
        if (UPDATE) {
            Files.writeString(BASELINE, String.join("\n", lines) + "\n");
        }

        assertThat(lines)
                .as(
                        "names, against %s. One that somebody may have written down has changed: undo that, or say so in CHANGELOG.md"
                                + " and write the file anew: mvn -pl sample-app -am test -Dtest=NamesTest"
                                + " -Dsurefire.failIfNoSpecifiedTests=false -Dxdslb.api.update=true",
                        BASELINE)
                .containsExactlyElementsOf(Files.readAllLines(BASELINE));
    }

    /** Returns the properties of all modules, with their types. */
    private static SortedSet<String> properties() throws IOException {
        TreeSet<String> properties = new TreeSet<>();
        for (URL file : Collections.list(
                NamesTest.class.getClassLoader().getResources("META-INF/spring-configuration-metadata.json"))) {
            try (InputStream stream = file.openStream()) {
                String text = new String(stream.readAllBytes(), StandardCharsets.UTF_8);
                if (!text.contains("\"xds-lb.")) { // somebody else's, which YAML may not understand
                    continue;
                }
                Map<String, List<Map<String, Object>>> metadata =
                        new Yaml().load(text.replace("\\/", "/")); // YAML includes JSON, but for this
                for (Map<String, Object> property : metadata.getOrDefault("properties", List.of())) {
                    String name = (String) property.get("name");
                    if (name.startsWith("xds-lb.")) {
                        properties.add(name + ' ' + property.get("type"));
                    }
                }
            }
        }
        assertThat(properties).as("of both modules").hasSizeGreaterThan(30);
        return properties;
    }

    private static SortedSet<String> found(Pattern pattern, String text) {
        TreeSet<String> found = pattern.matcher(text)
                .results()
                .map(match -> match.group(1))
                .collect(Collectors.toCollection(TreeSet::new));
        assertThat(found).as("the code still says it as %s expects", pattern).isNotEmpty();
        return found;
    }

    private static String sources() throws IOException {
        StringBuilder text = new StringBuilder();
        for (Path folder : SOURCES) {
            try (Stream<Path> files = Files.walk(folder)) {
                for (Path file : files.filter(path -> path.toString().endsWith(".java"))
                        .sorted()
                        .toList()) {
                    text.append(Files.readString(file)).append('\n');
                }
            }
        }
        return text.toString();
    }
}
