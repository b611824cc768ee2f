/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.observe;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The page says the meters that there are. {@link MetersTest} compares them with a registry. */
class MeterDocumentationTest {
    private static final Path PAGE = Path.of("..", "docs", "operations.md");

    /** A row of the table of meters: name, keys, meaning. */
    private static final Pattern ROW = Pattern.compile("(?m)^\\| `(xdslb\\.[a-z.]+)` \\| ([^|]*) \\| ([^|]*) \\|$");

    /** Before it are the control plane's. */
    private static final String OF_CLIENTS = "## Seeing inside a client";

    @Test
    void page_hasARowForEachMeter_withItsKeys() throws IOException {
        String page = Files.readString(PAGE);
        List<String> rows = ROW.matcher(page.substring(page.indexOf(OF_CLIENTS)))
                .results()
                .map(row -> row.group(1) + ": " + row.group(2) + ": " + row.group(3))
                .toList();

        assertThat(rows)
                .containsExactly(Arrays.stream(XdsLbMeter.values())
                        .map(meter -> meter.getName() + ": " + keys(meter) + ": "
                                + meter.description().replaceAll("\\.$", ""))
                        .toArray(String[]::new));
    }

    private static String keys(XdsLbMeter meter) {
        List<String> keys = Arrays.stream(meter.getKeyNames())
                .map(key -> '`' + key.asString() + '`')
                .toList();
        return keys.isEmpty() ? "–" : String.join(", ", keys);
    }
}
