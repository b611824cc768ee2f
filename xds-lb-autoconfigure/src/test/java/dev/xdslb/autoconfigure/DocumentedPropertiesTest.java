/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import dev.xdslb.FakeEndpointSource;
import dev.xdslb.autoconfigure.XdsLbProperties.Client;
import dev.xdslb.cluster.ClusterRegistry;
import dev.xdslb.cluster.ClusterSettings;
import dev.xdslb.policy.PolicySettings;
import dev.xdslb.strategy.BuiltInStrategies;
import dev.xdslb.strategy.LoadBalancingStrategy;
import dev.xdslb.strategy.Maglev;
import dev.xdslb.strategy.RingHash;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.reflect.RecordComponent;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.springframework.boot.context.properties.bind.DataObjectPropertyName;
import org.yaml.snakeyaml.Yaml;

/** The metadata that an IDE shows, {@code docs/configuration.md} and the code say the same. */
class DocumentedPropertiesTest {
    private static final Path DOCUMENTATION = Path.of("..", "docs", "configuration.md");

    /** A row of a table: a property of all services, or with a leading dot of one; its value, its default. */
    private static final Pattern ROW =
            Pattern.compile("(?m)^\\| `(xds-lb\\.[a-z.-]+|\\.[a-z.*-]+)`[^|]*\\|([^|]*)\\|([^|]*)\\|[^|]+\\|$");

    private final Map<String, Map<String, Object>> metadata = metadata();
    private final Map<String, String> documented = documented(); // name -> default

    @Test
    void metadata_describesEachProperty() {
        assertThat(metadata).hasSizeGreaterThan(15);
        metadata.forEach((name, property) ->
                assertThat((String) property.get("description")).as(name).isNotBlank());
    }

    @Test
    void documentation_hasARowForEachPropertyAndNoOther() {
        assertThat(documented.keySet().stream().filter(name -> name.startsWith("xds-lb.")))
                .containsExactlyInAnyOrderElementsOf(metadata.keySet().stream()
                        .filter(name -> !name.equals("xds-lb.clients"))
                        .toList());
    }

    @Test
    void documentation_hasARowForEachPropertyOfAClientAndNoOther() {
        assertThat(documented.keySet().stream().filter(name -> name.startsWith(".")))
                .containsExactlyInAnyOrderElementsOf(Arrays.stream(Client.class.getRecordComponents())
                        .map(DocumentedPropertiesTest::clientRow)
                        .toList());
    }

    @Test
    void documentation_saysTheDefaultsOfTheMetadata() {
        metadata.forEach((name, property) -> {
            Object value = property.get("defaultValue");
            if (value != null) {
                assertThat(documented.get(name)).as("default of %s", name).isEqualTo("`" + value + "`");
            }
        });
    }

    @Test
    void metadata_saysTheDefaultsThatApply() {
        String[] defaults = metadata.entrySet().stream()
                .filter(property -> property.getValue().get("defaultValue") != null)
                .map(property -> property.getKey() + "=" + property.getValue().get("defaultValue"))
                .toArray(String[]::new);
        TestContexts.fedBy(new FakeEndpointSource())
                .withPropertyValues(defaults)
                .run(context -> {
                    ClusterSettings settings = context.getBean(ClusterRegistry.class)
                            .cluster("orders.shop")
                            .settings();
                    assertThat(settings.policy()).isEqualTo(PolicySettings.DEFAULT);
                });
    }

    @Test
    void metadata_saysTheDefaultOfEachPropertyThatHasOne() {
        assertThat(metadata.values().stream()
                        .filter(property -> property.get("defaultValue") == null)
                        .map(property -> (String) property.get("name")))
                .as("neither given nor found in the environment")
                .containsExactlyInAnyOrder(
                        "xds-lb.clients",
                        "xds-lb.control-plane.ssl.bundle",
                        "xds-lb.hash.key",
                        "xds-lb.last-good-file",
                        "xds-lb.namespace",
                        "xds-lb.own-service",
                        "xds-lb.zone");
    }

    @Test
    void metadata_hintsAtEachStrategy() {
        String text = text();
        for (LoadBalancingStrategy strategy : BuiltInStrategies.all(ClusterRegistry.THREAD_LOCAL_RANDOM)) {
            assertThat(text).contains("\"value\": \"" + strategy.name() + '"');
        }
        assertThat(text).contains("\"value\": \"" + RingHash.NAME + '"', "\"value\": \"" + Maglev.NAME + '"');
    }

    private static String clientRow(RecordComponent component) {
        String name = '.' + DataObjectPropertyName.toDashedForm(component.getName());
        return component.getType().isRecord() ? name + ".*" : name;
    }

    private static Map<String, String> documented() {
        try {
            return ROW.matcher(Files.readString(DOCUMENTATION))
                    .results()
                    .collect(Collectors.toMap(
                            row -> row.group(1), row -> row.group(3).strip()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Map<String, Map<String, Object>> metadata() {
        Map<String, List<Map<String, Object>>> file = new Yaml().load(text()); // YAML includes JSON
        Map<String, Map<String, Object>> properties = new TreeMap<>();
        for (Map<String, Object> property : file.getOrDefault("properties", List.of())) {
            String name = (String) property.get("name");
            if (name.startsWith("xds-lb.")) { // Boot's processor adds its own for an actuator endpoint
                properties.put(name, property);
            }
        }
        return properties;
    }

    private static String text() {
        URL classes =
                XdsLbProperties.class.getProtectionDomain().getCodeSource().getLocation();
        try (InputStream stream = new URL(classes, "META-INF/spring-configuration-metadata.json").openStream()) {
            return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
