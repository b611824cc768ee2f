/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.load;

import java.lang.reflect.Field;

/** Lets an endpoint's running totals begin where an int, or an unsigned one, ends: nobody waits for two thousand million requests. */
public final class Totals {
    private Totals() {}

    public static void startAt(EndpointLoad load, long untimedSuccesses, long failed, long refused) {
        set(load, "untimedSuccesses", untimedSuccesses);
        set(load, "failed", failed);
        set(load, "refused", refused);
    }

    private static void set(EndpointLoad load, String name, long value) {
        try {
            Field field = EndpointLoad.class.getDeclaredField(name);
            field.setAccessible(true);
            field.setLong(load, value);
        } catch (ReflectiveOperationException e) {
            throw new LinkageError(name, e);
        }
    }
}
