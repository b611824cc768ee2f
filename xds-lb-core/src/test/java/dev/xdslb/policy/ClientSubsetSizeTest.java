/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.xdslb.policy.ClientSubsetSize.Answer;
import dev.xdslb.policy.ClientSubsetSize.Why;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ClientSubsetSizeTest {
    private final ClientSubsetSize size = new ClientSubsetSize();
    private long now = 5;

    @ParameterizedTest
    @CsvSource({
        "0, 1000, 0, FEW_ENDPOINTS",
        "1, 1000, 0, FEW_ENDPOINTS",
        "99, 1000, 0, FEW_ENDPOINTS",
        "100, 1000, 20, AUTOMATIC",
        "101, 1000, 20, AUTOMATIC",
        "1000, 1000, 20, AUTOMATIC",
        "1000, 999, 32, AUTOMATIC",
        "5000, 1000, 128, AUTOMATIC", // 100, rounded up
        "10000, 1000, 256, AUTOMATIC",
        "10000, 10000, 20, AUTOMATIC",
        "10000, 40, 0, MORE_THAN_HALF", // 5,000, rounded up
        "10000, 49, 4096, AUTOMATIC",
        "10000, 1, 0, MORE_THAN_HALF",
        "10000, 0, 0, CLIENTS_UNKNOWN",
        "2147483647, 1, 0, MORE_THAN_HALF"
    })
    void auto_goesByEndpointsAndClients(int endpoints, int clients, int expected, Why why) {
        assertThat(auto(endpoints, clients)).isEqualTo(new Answer(expected, why));
    }

    @ParameterizedTest
    @CsvSource({"0, 0", "1, 0", "63, 0", "64, 0", "65, 64", "10000, 64"})
    void givenNumber_isUsed_whereThereAreMore(int endpoints, int expected) {
        assertThat(size.of(EndpointsPerClient.of(64), endpoints, 0, now).size()).isEqualTo(expected);
    }

    @Test
    void off_isAll() {
        assertThat(size.of(EndpointsPerClient.ALL, 10_000, 1_000, now)).isEqualTo(new Answer(0, Why.OFF));
    }

    @Test
    void clientsThatBecomeFewer_enlargeItAtOnce() {
        assertThat(auto(5_000, 1_000).size()).isEqualTo(128);

        assertThat(auto(5_000, 500).size()).isEqualTo(256);
    }

    @Test
    void clientsThatBecomeMore_makeItSmallerAfterAMinute_andNotWhereTheyGoAgain() {
        auto(5_000, 500);
        assertThat(auto(5_000, 1_000).size()).isEqualTo(256);
        pass(Duration.ofSeconds(59));
        assertThat(auto(5_000, 1_000).size()).isEqualTo(256);
        assertThat(auto(5_000, 500).size()).isEqualTo(256);
        pass(Duration.ofSeconds(2));
        assertThat(auto(5_000, 1_000).size()).isEqualTo(256);

        pass(Duration.ofSeconds(60));

        assertThat(auto(5_000, 1_000).size()).isEqualTo(128);
    }

    @Test
    void numbersThatFlapAtTheBound_leaveItAsItIs() {
        assertThat(auto(6_401, 1_000).size()).isEqualTo(256);
        for (int minute = 0; minute < 100; minute++) {
            pass(Duration.ofMinutes(1));
            assertThat(auto(minute % 2 == 0 ? 6_399 : 6_401, 1_000).size()).isEqualTo(256);
        }
    }

    @Test
    void smallerOneThatIsEnoughByLittle_isNotUsed() {
        auto(6_401, 1_000);
        auto(6_000, 1_000);
        pass(Duration.ofHours(1));
        assertThat(auto(6_000, 1_000).size()).isEqualTo(256);

        auto(5_000, 1_000);
        pass(Duration.ofMinutes(1));

        assertThat(auto(5_000, 1_000).size()).isEqualTo(128);
    }

    @Test
    void leastSize_isComeBackTo() {
        auto(1_100, 1_000);
        auto(700, 1_000);
        pass(Duration.ofMinutes(1));

        assertThat(auto(700, 1_000).size()).isEqualTo(20);
    }

    @Test
    void endpointsThatFlapAtTheBound_doNotEndASubset() {
        assertThat(auto(100, 1_000).size()).isEqualTo(20);
        assertThat(auto(99, 1_000).size()).isEqualTo(20);
        assertThat(auto(80, 1_000).size()).isEqualTo(20);
        assertThat(auto(79, 1_000)).isEqualTo(new Answer(0, Why.FEW_ENDPOINTS));
        assertThat(auto(99, 1_000)).isEqualTo(new Answer(0, Why.FEW_ENDPOINTS));
    }

    @Test
    void subsetThatIsALittleMoreThanHalf_doesNotEnd() {
        assertThat(auto(128, 40).size()).isEqualTo(64);
        assertThat(auto(127, 40).size()).isEqualTo(64);
        assertThat(auto(103, 40).size()).isEqualTo(64);
        assertThat(auto(102, 40)).isEqualTo(new Answer(0, Why.MORE_THAN_HALF));
    }

    @ParameterizedTest
    @CsvSource({"off, off", "OFF, off", "false, off", "auto, auto", " auto , auto", "1, 1", "64, 64"})
    void text_isRead(String text, String expected) {
        assertThat(EndpointsPerClient.parse(text)).hasToString(expected);
    }

    @ParameterizedTest
    @CsvSource({"''", "0", "-1", "true", "on", "1.5", "99999999999", "half"})
    void textThatSaysNothing_isRefused(String text) {
        assertThatThrownBy(() -> EndpointsPerClient.parse(text))
                .hasMessage('"' + text + "\" (expected: off, auto, or a number of 1 or more)");
    }

    private Answer auto(int endpoints, int clients) {
        return size.of(EndpointsPerClient.AUTO, endpoints, clients, now);
    }

    private void pass(Duration time) {
        now += time.toNanos();
    }
}
