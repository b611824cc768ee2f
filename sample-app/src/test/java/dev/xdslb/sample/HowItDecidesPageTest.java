/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.sample;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.xdslb.simulation.peer.Peers;
import dev.xdslb.simulation.scenario.HungPod;
import dev.xdslb.simulation.scenario.Report;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** What {@code docs/how-it-decides.md} shows of this module is what the module has. */
class HowItDecidesPageTest {
    private static final Path PROJECT = Path.of("..");
    private static final String FENCE = "```";

    /** A block of code after a comment that names the file it comes from. */
    private static final Pattern SNIPPET =
            Pattern.compile("<!-- (\\S+) -->\n```(java|yaml|xml)\n(.*?)```", Pattern.DOTALL);

    private static final Pattern TABLE = Pattern.compile("```text\n(.*?)```", Pattern.DOTALL);
    private static final Pattern NUMBER = Pattern.compile("-?[0-9]+\\.[0-9]+");

    /** How far a printed figure may be from today's: the engine is tuned now and then. */
    private static final double TOLERANCE = 0.1;

    private final String page = Files.readString(PROJECT.resolve("docs/how-it-decides.md"));

    HowItDecidesPageTest() throws IOException {}

    @Test
    void everySnippet_isPartOfTheFileThatItNames() throws IOException {
        List<MatchResult> snippets = SNIPPET.matcher(page).results().toList();
        assertThat(snippets).hasSize(8);
        for (MatchResult snippet : snippets) {
            String file = Files.readString(PROJECT.resolve(snippet.group(1)));
            if (snippet.group(2).equals("xml")) {
                // a module leaves the version to the parent, a user's project cannot
                assertThat(withoutIndentation(file))
                        .contains(withoutIndentation(snippet.group(3).replaceFirst(" *<version>.*</version>\n", "")));
            } else {
                assertThat(file).contains(snippet.group(3).stripTrailing());
            }
        }
    }

    @Test
    void everyBlockOfCode_namesItsFile() {
        long named = SNIPPET.matcher(page).results().count();
        long all = page.lines()
                .filter(line -> line.startsWith(FENCE) && !line.equals(FENCE) && !line.equals(FENCE + "text"))
                .count();
        assertThat(all).isEqualTo(named);
    }

    @Test
    void printedTable_isThatOfTheSimulation() {
        StringBuilder printed = new StringBuilder();
        new Report(printed)
                .run(
                        new HungPod(10, 1),
                        List.of(
                                PremiumFirstSimulationTest.PREMIUM_FIRST,
                                PremiumFirstSimulationTest.P2C_EWMA,
                                Peers.roundRobin()));
        String shown = TABLE.matcher(page).results().findFirst().orElseThrow().group(1);

        assertThat(withoutNumbers(shown)).isEqualTo(withoutNumbers(printed.toString()));
        List<Double> shownNumbers = numbers(shown);
        List<Double> printedNumbers = numbers(printed.toString());
        for (int i = 0; i < shownNumbers.size(); i++) {
            double value = printedNumbers.get(i);
            assertThat(shownNumbers.get(i)).isCloseTo(value, within(TOLERANCE * value));
        }
    }

    private static String withoutIndentation(String text) {
        return text.replaceAll("(?m)^ +", "").strip();
    }

    private static String withoutNumbers(String table) {
        return NUMBER.matcher(table).replaceAll("#").replaceAll(" +", " ").strip();
    }

    private static List<Double> numbers(String table) {
        return NUMBER.matcher(table)
                .results()
                .map(number -> Double.valueOf(number.group()))
                .toList();
    }
}
