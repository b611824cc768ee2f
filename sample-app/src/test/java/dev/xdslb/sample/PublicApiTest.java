/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.sample;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaMember;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The API stays what it is unless somebody means to change it, needs nothing internal, and is enough for this module. */
class PublicApiTest {
    /** One line for each type and member. Written anew by {@code -Dxdslb.api.update=true}; the difference is for the reviewer. */
    private static final Path BASELINE = Path.of("../config/api.txt");

    private static final boolean UPDATE = Boolean.getBoolean("xdslb.api.update");

    private static final PublicApi API = new PublicApi();

    @Test
    void typesAndMembers_areThoseOfTheBaseline() throws IOException {
        List<String> lines = new ArrayList<>();
        for (JavaClass type : API.types()) {
            lines.add(PublicApi.describe(type));
            PublicApi.members(type).stream()
                    .map(member -> "    " + PublicApi.describe(member))
                    .sorted()
                    .forEach(lines::add);
        }
        if (UPDATE) {
            Files.writeString(BASELINE, String.join("\n", lines) + "\n");
        }

        assertThat(lines)
                .as(
                        "the API, against %s. A member that users may build on has changed: undo that, or say so in CHANGELOG.md and"
                                + " write the file anew: mvn -pl sample-app -am test -Dtest=PublicApiTest"
                                + " -Dsurefire.failIfNoSpecifiedTests=false -Dxdslb.api.update=true",
                        BASELINE)
                .containsExactlyElementsOf(Files.readAllLines(BASELINE));
    }

    @Test
    void everythingPublished_isMarked() {
        assertThat(API.published().map(PublicApi::isInternal)).isNotEmpty(); // fails where a package says nothing
    }

    @Test
    void whatUsersMayBuildOn_needsNothingInternal() {
        List<String> leaks = new ArrayList<>();
        for (JavaClass type : API.types()) {
            for (JavaMember member : PublicApi.members(type)) {
                PublicApi.typesOf(member).stream()
                        .filter(PublicApi::isInternal)
                        .forEach(internal -> leaks.add(member.getFullName() + " has to do with " + internal.getName()));
            }
        }

        assertThat(leaks).isEmpty();
    }

    @Test
    void sampleAndExamples_useNothingInternal() {
        List<String> uses = new ArrayList<>();
        for (JavaClass sample : API.sample().toList()) {
            for (Dependency dependency : sample.getDirectDependenciesFromSelf()) {
                if (PublicApi.isInternal(dependency.getTargetClass())) {
                    uses.add(dependency.getDescription());
                }
            }
            for (JavaAccess<?> access : sample.getAccessesFromSelf()) {
                access.getTarget()
                        .resolveMember()
                        .filter(PublicApi::isInternal)
                        .ifPresent(member -> uses.add(access.getDescription()));
            }
        }

        assertThat(uses).isEmpty();
    }
}
