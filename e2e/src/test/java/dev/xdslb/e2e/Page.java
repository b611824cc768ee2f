/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.e2e;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;

/**
 * What a reader is given: a page of {@code docs}, a block of code on it, or a file that it names. He has to replace a few things in it
 * and nothing else.
 */
record Page(String name, String text) {

    private static final Pattern BLOCK =
            Pattern.compile("^( *)```\\w*\\n(.*?)^ *```$", Pattern.MULTILINE | Pattern.DOTALL);

    /** Reads one, by its path from the root of the project. */
    static Page read(String path) {
        return new Page(path, contentOf(Project.root(path)));
    }

    /** Returns the only block of code on it in which this stands. */
    Page block(String contained) {
        List<String> blocks = BLOCK.matcher(text)
                .results()
                .map(block -> block.group(2).stripIndent())
                .filter(block -> block.contains(contained))
                .toList();
        if (blocks.size() != 1) {
            throw new IllegalArgumentException(
                    name + " has " + blocks.size() + " blocks of code with \"" + contained + "\" (expected: one)");
        }
        return new Page(name + ", block with " + contained, blocks.get(0));
    }

    /** Returns its lines with commands for a shell, without the {@code $} before them and what they answer. */
    Page commands() {
        return new Page(
                name,
                String.join(
                        "\n",
                        text.lines()
                                .filter(line -> line.startsWith("$ "))
                                .map(line -> line.substring(2))
                                .toList()));
    }

    /** Replaces all places of something that is there. */
    Page with(String replaced, Object by) {
        if (!text.contains(replaced)) {
            throw new IllegalArgumentException(
                    "nothing to replace in " + name + " (expected: \"" + replaced + "\" in it)");
        }
        return new Page(name, text.replace(replaced, by.toString()));
    }

    private static String contentOf(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
