/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.strategy;

import static java.util.Objects.requireNonNull;

import dev.xdslb.endpoint.OutOfRangeException;
import java.math.BigInteger;

/**
 * How requests are mapped to endpoints by a key.
 *
 * @param key what requests are told apart by
 * @param balanceFactor how many times its share of the requests in flight an endpoint may have before a request goes to
 *     another one, above 1 and at most {@value #MAX_BALANCE_FACTOR}; 0 for no bound: a key then stays where it is, however
 *     busy that is. A small one shares the load evenly, a large one keeps more keys on their endpoint
 * @param ringSize {@code ring-hash} only: how many points the ring has at most, {@value #MIN_RING_SIZE} to {@value
 *     #MAX_RING_SIZE}; takes 8 bytes each
 * @param tableSize {@code maglev} only: how many entries the table has, a prime number from {@value #MIN_TABLE_SIZE} to
 *     {@value #MAX_TABLE_SIZE}, best some hundred times the number of endpoints: with less, more keys move when one comes or goes; takes 4 bytes each
 */
public record HashSettings(RequestKey key, double balanceFactor, int ringSize, int tableSize) {

    /**
     * A quarter more than its share; Mirrokni, Thorup and Zadimoghaddam, "Consistent hashing with bounded loads", 2016, use
     * the same, Envoy advises 1.2 to 2.
     */
    public static final double DEFAULT_BALANCE_FACTOR = 1.25;

    /** Four thousand endpoints with the full number of points. */
    public static final int DEFAULT_RING_SIZE = 1 << 20;

    /** That of the Maglev paper and of Envoy. */
    public static final int DEFAULT_TABLE_SIZE = 65_537;

    private static final int MAX_BALANCE_FACTOR = 100;
    private static final int MIN_RING_SIZE = 1024; // as in Envoy and gRPC
    private static final int MAX_RING_SIZE = 8 * 1024 * 1024; // as in Envoy
    private static final int MIN_TABLE_SIZE = 1009;
    private static final int MAX_TABLE_SIZE = 5_000_011; // as in Envoy

    public HashSettings {
        requireNonNull(key, "key");
        if (balanceFactor != 0 && !(balanceFactor > 1 && balanceFactor <= MAX_BALANCE_FACTOR)) {
            throw new OutOfRangeException(
                    "balanceFactor", balanceFactor, "0, or above 1 and at most " + MAX_BALANCE_FACTOR);
        }
        if (ringSize < MIN_RING_SIZE || ringSize > MAX_RING_SIZE) {
            throw new OutOfRangeException("ringSize", ringSize, MIN_RING_SIZE + " to " + MAX_RING_SIZE);
        }
        if (tableSize < MIN_TABLE_SIZE
                || tableSize > MAX_TABLE_SIZE
                || !BigInteger.valueOf(tableSize).isProbablePrime(50)) {
            throw new OutOfRangeException(
                    "tableSize", tableSize, "a prime number from " + MIN_TABLE_SIZE + " to " + MAX_TABLE_SIZE);
        }
    }

    /** Returns the defaults for requests that are told apart by this key. */
    public static HashSettings of(RequestKey key) {
        return new HashSettings(key, DEFAULT_BALANCE_FACTOR, DEFAULT_RING_SIZE, DEFAULT_TABLE_SIZE);
    }

    /** Returns the same settings with another balance factor. */
    public HashSettings withBalanceFactor(double newBalanceFactor) {
        return new HashSettings(key, newBalanceFactor, ringSize, tableSize);
    }

    /** Returns the same settings with another size of the ring. */
    public HashSettings withRingSize(int newRingSize) {
        return new HashSettings(key, balanceFactor, newRingSize, tableSize);
    }

    /** Returns the same settings with another size of the table. */
    public HashSettings withTableSize(int newTableSize) {
        return new HashSettings(key, balanceFactor, ringSize, newTableSize);
    }
}
