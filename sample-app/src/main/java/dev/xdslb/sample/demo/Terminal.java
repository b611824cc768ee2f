/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.sample.demo;

import java.io.Console;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.lang.reflect.InvocationTargetException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Where standard output goes.
 *
 * @param isInteractive whether a person looks at it through a terminal that obeys ANSI sequences
 * @param showsBlocks whether its encoding has block characters
 */
record Terminal(PrintStream out, boolean isInteractive, boolean showsBlocks) {

    /** Finds out about standard output. */
    static Terminal detect() {
        Charset encoding = encoding();
        PrintStream out = new PrintStream(new FileOutputStream(FileDescriptor.out), false, encoding);
        return new Terminal(
                out, isTerminal() && obeysAnsi(), encoding.newEncoder().canEncode('█'));
    }

    private static Charset encoding() {
        for (String property : new String[] {"stdout.encoding", "sun.stdout.encoding", "native.encoding"}) {
            String name = System.getProperty(property);
            if (name != null && Charset.isSupported(name)) {
                return Charset.forName(name);
            }
        }
        return StandardCharsets.US_ASCII;
    }

    @SuppressWarnings("SystemConsoleNull") // from JDK 22 on it is not null and is asked
    private static boolean isTerminal() {
        Console console = System.console();
        if (console == null) {
            return false;
        }
        try {
            return (Boolean) Console.class.getMethod("isTerminal").invoke(console);
        } catch (NoSuchMethodException e) {
            return true;
        } catch (IllegalAccessException | InvocationTargetException e) {
            return false;
        }
    }

    private static boolean obeysAnsi() {
        String term = System.getenv("TERM");
        return isSet(term) ? !"dumb".equals(term) : isSet(System.getenv("WT_SESSION"));
    }

    private static boolean isSet(@Nullable String value) {
        return value != null && !value.isEmpty();
    }
}
