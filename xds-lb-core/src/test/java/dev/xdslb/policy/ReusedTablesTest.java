/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.policy;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ReusedTablesTest {
    private static final EndpointSet SET = new EndpointSet(3, 1);

    private final ReusedTables tables = new ReusedTables();

    private record Table(long bytes) implements ReusableTable {}

    private record OtherTable(long bytes) implements ReusableTable {}

    @Test
    void ownerFindsItsOwnTable_ofTheSameEndpoints() {
        Object owner = new Object();
        Table table = put(owner, SET, 10);

        assertThat(last(owner, SET)).isSameAs(table);
        assertThat(last(new Object(), SET)).isNull();
        assertThat(last(owner, new EndpointSet(3, 2))).isNull();
        assertThat(tables.next(owner, SET, OtherTable.class, before -> new OtherTable(1), false))
                .as("the same owner with another kind of table")
                .isEqualTo(new OtherTable(1));
    }

    @Test
    void equalOwners_areTwo() {
        put(new String("strategy"), SET, 10);

        assertThat(last(new String("strategy"), SET)).isNull();
    }

    @Test
    void whatOnlyLooksAhead_leavesNothing() {
        tables.next(this, SET, Table.class, before -> new Table(1), false);

        assertThat(tables.size()).isZero();
    }

    @Test
    void oldestTables_areForgotten_whereTheyTakeTooMuch_butNotTheLastTwo() {
        for (int i = 0; i < 1000; i++) {
            put(this, new EndpointSet(3, i), ReusedTables.MAX_BYTES / 10);
        }
        assertThat(tables.size()).isEqualTo(10);
        assertThat(last(this, new EndpointSet(3, 999))).isNotNull();
        assertThat(last(this, new EndpointSet(3, 0))).isNull();

        for (int i = 0; i < 10; i++) {
            put(this, new EndpointSet(4, i), ReusedTables.MAX_BYTES * 2);
        }
        assertThat(tables.size()).isEqualTo(ReusedTables.ALWAYS_KEPT);
    }

    @Test
    void replacedTable_takesItsMemoryWithIt() {
        for (int i = 0; i < 100; i++) {
            put(this, SET, ReusedTables.MAX_BYTES / 4);
        }
        put(this, new EndpointSet(1, 1), ReusedTables.MAX_BYTES / 4);
        put(this, new EndpointSet(1, 2), ReusedTables.MAX_BYTES / 4);

        assertThat(tables.size()).isEqualTo(3);
    }

    private Table put(Object owner, EndpointSet set, long bytes) {
        return tables.next(owner, set, Table.class, before -> new Table(bytes), true);
    }

    private Object last(Object owner, EndpointSet set) {
        Table[] found = new Table[1];
        tables.next(
                owner,
                set,
                Table.class,
                before -> {
                    found[0] = before;
                    return new Table(1);
                },
                false);
        return found[0];
    }
}
