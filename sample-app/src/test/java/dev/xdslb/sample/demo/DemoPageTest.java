/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.sample.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.springframework.test.web.servlet.request.MockMvcRequestBuilders.get;
import static org.springframework.test.web.servlet.request.MockMvcRequestBuilders.post;
import static org.springframework.test.web.servlet.result.MockMvcResultMatchers.content;
import static org.springframework.test.web.servlet.result.MockMvcResultMatchers.header;
import static org.springframework.test.web.servlet.result.MockMvcResultMatchers.jsonPath;
import static org.springframework.test.web.servlet.result.MockMvcResultMatchers.status;

import dev.xdslb.sample.demo.Director.Wish;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.springframework.test.web.servlet.MockMvc;
import org.springframework.test.web.servlet.setup.MockMvcBuilders;

class DemoPageTest {
    private static final DemoState STATE = new DemoState(
            "healthy", "<b>well</b>", "said", true, 5, 20, List.of(), List.of(), List.of(), Instant.EPOCH);

    private final List<Wish> wishes = new ArrayList<>();
    private final MockMvc mvc = MockMvcBuilders.routerFunctions(new DemoPage(() -> STATE, wishes::add).routes())
            .build();

    @Test
    void pageIsOneFileThatAsksNobodyElse() throws Exception {
        mvc.perform(get("/"))
                .andExpect(status().isOk())
                .andExpect(content().contentTypeCompatibleWith("text/html"))
                .andExpect(header().string("Content-Security-Policy", containsString("default-src 'none'")))
                .andExpect(content().string(containsString("<h1>xds-lb demo</h1>")));

        assertThat(page()).doesNotContain("http://", "https://", "<script src", "<link rel=\"stylesheet\"");
    }

    @Test
    void pageNeverReadsTextAsHtml() throws Exception {
        assertThat(page())
                .doesNotContainPattern(
                        Pattern.compile("innerHTML|outerHTML|insertAdjacentHTML|document\\.write|eval\\("));
    }

    @Test
    void stateIsJsonThatNobodyKeeps() throws Exception {
        mvc.perform(get("/demo/state"))
                .andExpect(status().isOk())
                .andExpect(header().string("Cache-Control", "no-store"))
                .andExpect(jsonPath("$.title").value("<b>well</b>"))
                .andExpect(jsonPath("$.at").value("1970-01-01T00:00:00Z"));
    }

    @Test
    void everyButtonOfThePageIsUnderstood() throws Exception {
        List<String> buttons = Pattern.compile("data-wish=\"([a-z-]+)\"")
                .matcher(page())
                .results()
                .map(match -> match.group(1))
                .toList();

        assertThat(buttons).hasSize(7);
        for (String button : buttons) {
            mvc.perform(post("/demo/" + button).header("X-Demo-Button", button)).andExpect(status().isAccepted());
        }
        assertThat(wishes)
                .hasSize(7)
                .contains(Wish.HEAL, Wish.SCRIPT, Wish.trouble(Scenario.ZONE_DOWN), Wish.trouble(Scenario.PODS_ADDED));
    }

    @Test
    void foreignPage_cannotPressAButton() throws Exception {
        mvc.perform(post("/demo/zone-down")).andExpect(status().isForbidden());

        assertThat(wishes).isEmpty();
    }

    @Test
    void unknownButton_isNotFound() throws Exception {
        mvc.perform(post("/demo/healthy").header("X-Demo-Button", "x")).andExpect(status().isNotFound());
    }

    private static String page() throws Exception {
        try (var stream = DemoPage.class.getResourceAsStream("page.html")) {
            return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
