/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.manifests;

import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.DumperOptions;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.nodes.Tag;
import org.yaml.snakeyaml.representer.Representer;
import org.yaml.snakeyaml.resolver.Resolver;

/**
 * YAML as it is meant in manifests. YAML 1.1, which is the parser's, takes {@code 010} for eight, {@code 1.10} for 1.1 and {@code 1:30} for ninety; in a
 * label or an annotation these are text as it stands. Here only decimal numbers, {@code true}, {@code false} and {@code null} are anything else.
 */
final class KubernetesYaml {
    /** Of a document. A list of all pods is one: the parser's own bound, 3 MiB, is reached at 1,300 of them. */
    private static final int MAX_CHARS = 256 * 1024 * 1024;

    private KubernetesYaml() {}

    /** Returns the content of a document: maps, lists, text, numbers; null where it has none. */
    static @Nullable Object load(String document) {
        LoaderOptions loading = new LoaderOptions();
        loading.setCodePointLimit(MAX_CHARS);
        DumperOptions dumping = new DumperOptions();
        return new Yaml(new SafeConstructor(loading), new Representer(dumping), dumping, loading, new Literal())
                .load(document);
    }

    private static final class Literal extends Resolver {
        @Override
        protected void addImplicitResolvers() {
            addImplicitResolver(Tag.BOOL, Pattern.compile("true|false"), "tf");
            addImplicitResolver(Tag.INT, Pattern.compile("0|-?[1-9][0-9]{0,17}"), "-0123456789");
            addImplicitResolver(Tag.NULL, Pattern.compile("~|null| "), "~n\0");
            addImplicitResolver(Tag.NULL, Pattern.compile(""), null);
            addImplicitResolver(Tag.MERGE, Pattern.compile("<<"), "<");
        }
    }
}
