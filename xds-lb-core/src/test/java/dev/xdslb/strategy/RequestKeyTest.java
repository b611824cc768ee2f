/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.strategy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RequestKeyTest {
    @Test
    void header_isReadWithoutRegardToCase() {
        FakeRequest request = FakeRequest.header("x-user", "ann");

        assertThat(RequestKey.parse("header:X-User").of(request)).isEqualTo("ann");
        assertThat(RequestKey.parse("metadata:x-user").of(request)).isEqualTo("ann");
        assertThat(RequestKey.parse("header:x-tenant").of(request)).isNull();
    }

    @Test
    void emptyValue_isNone() {
        assertThat(RequestKey.parse("header:x-user").of(FakeRequest.header("x-user", "")))
                .isNull();
        assertThat(RequestKey.parse("cookie:a").of(FakeRequest.header("cookie", "a=")))
                .isNull();
        assertThat(RequestKey.parse("path").of(RequestAttributes.NONE)).isNull();
    }

    @Test
    void path_isTheWholePath() {
        assertThat(RequestKey.parse("path").of(new FakeRequest(Map.of(), "/orders/7")))
                .isEqualTo("/orders/7");
    }

    @ParameterizedTest
    @CsvSource({
        "a,  'a=1; b=2; a=3',  1",
        "b,  'a=1; b=2',       2",
        "b,  'a=1;b=2',        2",
        "b,  'ab=1; b=2',      2",
        "b,  'a=b=1; b=2',     2",
        "b,  'b=x=y',          x=y",
        "b,  'b=\"q\"',        '\"q\"'",
        "b,  'a=1; b',         ",
        "b,  'B=1',            ",
        "b,  'a=1;',           ",
        "b,  ';; ;b=2',        2",
        "b,  '',               "
    })
    void cookie_isReadFromItsHeader(String name, String header, String value) {
        assertThat(RequestKey.parse("cookie:" + name).of(FakeRequest.header("cookie", header)))
                .isEqualTo(value);
    }

    @Test
    void requestWithoutCookies_hasNoKey() {
        assertThat(RequestKey.parse("cookie:a").of(RequestAttributes.NONE)).isNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "x-user", "query:q", "path:/a", "Header:x", "bean:userKey"})
    void unknownKind_isRefused(String text) {
        assertThatThrownBy(() -> RequestKey.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("key: \"" + text + "\" (expected: header:<name>, metadata:<name>, cookie:<name> or path)");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "header:",
                "header:x user",
                "header: x-user",
                "header::path",
                "metadata:x-user-bin",
                "metadata:X-User-BIN",
                "cookie:",
                "cookie:a=b"
            })
    void nameThatCannotBe_isRefused(String text) {
        assertThatThrownBy(() -> RequestKey.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("key: \"" + text + "\" (expected: ");
    }

    @Test
    void saysWhatItReads() {
        assertThat(RequestKey.parse("metadata:x-user")).hasToString("header:x-user");
        assertThat(RequestKey.parse("cookie:a")).hasToString("cookie:a");
        assertThat(RequestKey.parse("path")).hasToString("path");
    }
}
