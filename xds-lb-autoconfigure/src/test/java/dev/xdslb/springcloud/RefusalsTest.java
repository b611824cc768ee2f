/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.springcloud;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** How often the log says why requests get no instance. */
class RefusalsTest {
    private final ListAppender<ILoggingEvent> log = new ListAppender<>();
    private final Logger logger = (Logger) LoggerFactory.getLogger(Refusals.class);
    private long now = Long.MAX_VALUE - 1_000; // nano time may wrap around
    private final Refusals refusals = new Refusals("orders", () -> now);

    @BeforeEach
    void listen() {
        log.start();
        logger.addAppender(log);
    }

    @AfterEach
    void stopListening() {
        logger.detachAppender(log);
    }

    @Test
    void saysItOnce_whenItBegins() {
        for (int i = 0; i < 1_000; i++) {
            refusals.refuse(new IllegalStateException("none, attempt " + i));
            pass(Duration.ofSeconds(10));
        }
        assertThat(lines()).containsExactly("requests to orders get no instance: none, attempt 0");
    }

    @Test
    void saysItAgain_whereRequestsWereSentBetween_butNotAtALimit() {
        refusals.refuse(new IllegalStateException("none"));
        for (int i = 0; i < 1_000; i++) {
            refusals.picked();
            refusals.refuse(new IllegalStateException("none"));
        }
        assertThat(lines()).hasSize(1);
        refusals.picked();
        pass(Refusals.SAME_AGAIN);
        refusals.refuse(new IllegalStateException("none"));
        assertThat(lines()).hasSize(2);
    }

    @Test
    void saysAnotherReason_andNotEachTimeWhereTheyAlternate() {
        refusals.refuse(new IllegalStateException("none"));
        pass(Refusals.OTHER_AGAIN);
        refusals.refuse(new IllegalArgumentException("unreadable"));
        for (int i = 0; i < 100; i++) {
            refusals.refuse(new IllegalStateException("none"));
            refusals.refuse(new IllegalArgumentException("unreadable"));
        }
        assertThat(lines()).hasSize(2);
    }

    @Test
    void knowsTheLatest_untilARequestIsSent() {
        refusals.refuse(new IllegalStateException("none"));
        assertThat(refusals.latest()).hasMessage("none");
        refusals.picked();
        assertThat(refusals.latest()).isNull();
    }

    private void pass(Duration time) {
        now += time.toNanos();
    }

    private List<String> lines() {
        return log.list.stream().map(ILoggingEvent::getFormattedMessage).toList();
    }
}
