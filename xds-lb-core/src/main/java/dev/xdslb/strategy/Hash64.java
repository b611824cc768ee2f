/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.strategy;

/**
 * 64-bit hashes that are the same in every process, whatever the JVM: XXH64 of a text's UTF-16 code units, low byte first
 * (Y. Collet, "xxHash fast digest algorithm", specification 0.1.1, seed 0), and a mixer of 64-bit numbers.
 */
final class Hash64 {
    /** The step of SplitMix64: 2^64 divided by the golden ratio, made odd. */
    static final long GOLDEN_GAMMA = 0x9E37_79B9_7F4A_7C15L;

    private static final long PRIME_1 = 0x9E37_79B1_85EB_CA87L;
    private static final long PRIME_2 = 0xC2B2_AE3D_27D4_EB4FL;
    private static final long PRIMES_1_AND_2 = 0x60EA_27EE_ADC0_B5D6L; // their sum modulo 2^64
    private static final long PRIME_3 = 0x1656_67B1_9E37_79F9L;
    private static final long PRIME_4 = 0x85EB_CA77_C2B2_AE63L;
    private static final long PRIME_5 = 0x27D4_EB2F_1656_67C5L;

    private static final int STRIPE_CHARS = 16; // 32 bytes
    private static final int LANE_CHARS = 4; // 8 bytes

    private Hash64() {}

    /** Returns the hash of a text. */
    static long of(String text) {
        int length = text.length();
        int at = 0;
        long hash = PRIME_5;
        if (length >= STRIPE_CHARS) {
            long one = PRIMES_1_AND_2;
            long two = PRIME_2;
            long three = 0;
            long four = -PRIME_1;
            for (; at <= length - STRIPE_CHARS; at += STRIPE_CHARS) {
                one = round(one, eightBytes(text, at));
                two = round(two, eightBytes(text, at + LANE_CHARS));
                three = round(three, eightBytes(text, at + 2 * LANE_CHARS));
                four = round(four, eightBytes(text, at + 3 * LANE_CHARS));
            }
            hash = Long.rotateLeft(one, 1)
                    + Long.rotateLeft(two, 7)
                    + Long.rotateLeft(three, 12)
                    + Long.rotateLeft(four, 18);
            hash = merge(merge(merge(merge(hash, one), two), three), four);
        }
        hash += 2L * length;
        for (; at <= length - LANE_CHARS; at += LANE_CHARS) {
            hash = Long.rotateLeft(hash ^ round(0, eightBytes(text, at)), 27) * PRIME_1 + PRIME_4;
        }
        if (at <= length - 2) {
            hash = Long.rotateLeft(hash ^ fourBytes(text, at) * PRIME_1, 23) * PRIME_2 + PRIME_3;
            at += 2;
        }
        if (at < length) {
            hash = Long.rotateLeft(hash ^ (text.charAt(at) & 0xFF) * PRIME_5, 11) * PRIME_1;
            hash = Long.rotateLeft(hash ^ (text.charAt(at) >>> 8) * PRIME_5, 11) * PRIME_1;
        }
        hash = (hash ^ hash >>> 33) * PRIME_2;
        hash = (hash ^ hash >>> 29) * PRIME_3;
        return hash ^ hash >>> 32;
    }

    /**
     * Returns a number whose every bit depends on every bit of the given one: the mixer of SplitMix64 (G. Steele, D. Lea,
     * C. Flood, "Fast splittable pseudorandom number generators", 2014; constants of D. Stafford's variant 13).
     */
    static long mix(long number) {
        long z = (number ^ number >>> 30) * 0xBF58_476D_1CE4_E5B9L;
        z = (z ^ z >>> 27) * 0x94D0_49BB_1331_11EBL;
        return z ^ z >>> 31;
    }

    private static long round(long accumulator, long lane) {
        return Long.rotateLeft(accumulator + lane * PRIME_2, 31) * PRIME_1;
    }

    private static long merge(long hash, long accumulator) {
        return (hash ^ round(0, accumulator)) * PRIME_1 + PRIME_4;
    }

    private static long eightBytes(String text, int at) {
        return fourBytes(text, at) | fourBytes(text, at + 2) << 32;
    }

    private static long fourBytes(String text, int at) {
        return text.charAt(at) | (long) text.charAt(at + 1) << 16;
    }
}
