/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.observe;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.FunctionTimer;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.TimeGauge;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.DoubleSupplier;
import java.util.function.LongSupplier;

/**
 * Meters of one registry that come and go together. All of them read when they are asked, and what they read is held here: a registry
 * holds it weakly. Used by one thread at a time.
 */
final class RegisteredMeters implements AutoCloseable {
    private final MeterRegistry registry;
    private final Tags tags;
    private final List<Meter> meters = new ArrayList<>();
    private final List<Object> read = new ArrayList<>();

    /**
     * Makes an empty group.
     *
     * @param tags of all of them
     */
    RegisteredMeters(MeterRegistry registry, Tags tags) {
        this.registry = registry;
        this.tags = tags;
    }

    /** Adds a counter. What it reads may fall for a moment: the counter stays what it was until that has come up again. */
    void counter(XdsLbMeter meter, LongSupplier value, String... more) {
        Rising rising = new Rising(value);
        keep(
                rising,
                FunctionCounter.builder(meter.getName(), rising, Rising::get)
                        .description(meter.description())
                        .tags(tags.and(more))
                        .register(registry));
    }

    void gauge(XdsLbMeter meter, DoubleSupplier value, String... more) {
        keep(
                value,
                Gauge.builder(meter.getName(), value, DoubleSupplier::getAsDouble)
                        .description(meter.description())
                        .tags(tags.and(more))
                        .register(registry));
    }

    void seconds(XdsLbMeter meter, DoubleSupplier value) {
        keep(
                value,
                TimeGauge.builder(meter.getName(), value, TimeUnit.SECONDS, DoubleSupplier::getAsDouble)
                        .description(meter.description())
                        .tags(tags)
                        .register(registry));
    }

    /** Adds a timer of a count and a sum. */
    void timer(XdsLbMeter meter, LongSupplier count, LongSupplier micros) {
        Rising counted = new Rising(count);
        Rising sum = new Rising(micros);
        read.add(sum);
        keep(
                counted,
                FunctionTimer.builder(
                                meter.getName(), counted, Rising::get, ignored -> sum.get(), TimeUnit.MICROSECONDS)
                        .description(meter.description())
                        .tags(tags)
                        .register(registry));
    }

    private void keep(Object value, Meter meter) {
        read.add(value);
        meters.add(meter);
    }

    /** Takes them out of the registry. */
    @Override
    public void close() {
        meters.forEach(registry::remove);
        meters.clear();
        read.clear();
    }

    /** The greatest value so far: a counter that falls is taken for one that began anew, with all that it counts as new. */
    private static final class Rising {
        private final LongSupplier value;
        private long greatest; // guarded by this

        private Rising(LongSupplier value) {
            this.value = value;
        }

        private synchronized long get() {
            greatest = Math.max(greatest, value.getAsLong());
            return greatest;
        }
    }
}
