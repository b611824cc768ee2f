/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.test.spring;

import static org.assertj.core.api.Assertions.assertThat;

import dev.xdslb.test.SentRequestsAssert;
import java.io.IOException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** What {@code docs/testing.md} shows is part of tests that run. */
class TestingPageTest {
    private static final Path PROJECT = Path.of("..");

    /** A block of code after a comment that names the file it comes from. */
    private static final Pattern SNIPPET = Pattern.compile("<!-- (\\S+) -->\n```java\n(.*?)```", Pattern.DOTALL);

    private static final Pattern JAVA = Pattern.compile("^```java$", Pattern.MULTILINE);

    private final String page = Files.readString(PROJECT.resolve("docs/testing.md"));

    TestingPageTest() throws IOException {}

    @Test
    void everySnippet_isPartOfTheFileThatItNames() throws IOException {
        List<MatchResult> snippets = SNIPPET.matcher(page).results().toList();

        assertThat(snippets)
                .hasSameSizeAs(JAVA.matcher(page).results().toList())
                .hasSizeGreaterThan(5);
        for (MatchResult snippet : snippets) {
            assertThat(Files.readString(PROJECT.resolve(snippet.group(1))))
                    .as(snippet.group(1))
                    .contains(snippet.group(2).stripTrailing());
        }
    }

    @Test
    void everyAssertion_isNamed() {
        assertThat(Arrays.stream(SentRequestsAssert.class.getDeclaredMethods())
                        .filter(method -> Modifier.isPublic(method.getModifiers()) && !method.isSynthetic())
                        .map(Method::getName))
                .isNotEmpty()
                .allSatisfy(name -> assertThat(page).contains(name));
    }
}
