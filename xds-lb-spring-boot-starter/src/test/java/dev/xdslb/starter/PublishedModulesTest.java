/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.starter;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.xpath.XPath;
import javax.xml.xpath.XPathConstants;
import javax.xml.xpath.XPathExpressionException;
import javax.xml.xpath.XPathFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.w3c.dom.Document;
import org.w3c.dom.NodeList;

/** Every module that is published says what a repository of artifacts, and a reader of it, want to know. */
class PublishedModulesTest {
    private static final Path ROOT = Path.of("..");
    private static final String BOM = "xds-lb-bom";
    private static final XPath XPATH = XPathFactory.newInstance().newXPath();

    @ParameterizedTest
    @MethodSource("publishedModules")
    void hasItsOwnNameAndDescription(String module) throws Exception {
        Document pom = pom(module);

        assertThat(text(pom, "/project/artifactId")).isEqualTo(module);
        assertThat(text(pom, "/project/name")).isNotBlank();
        assertThat(text(pom, "/project/description")).isNotBlank();
    }

    @ParameterizedTest
    @MethodSource("publishedJars")
    void attachesSourcesAndJavadoc(String module) throws Exception {
        Document pom = pom(module);
        List<String> plugins = texts(pom, "/project/build/plugins/plugin/artifactId");
        List<String> classifiers = texts(pom, "//execution[phase='verify']/configuration/classifier");

        boolean byPlugins = plugins.contains("maven-source-plugin") && plugins.contains("maven-javadoc-plugin");
        boolean byHand = classifiers.contains("sources") && classifiers.contains("javadoc");
        assertThat(byPlugins || byHand)
                .as("%s: plugins %s, classifiers %s", module, plugins, classifiers)
                .isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {".", BOM}) // the others inherit from the first
    void saysWhoseItIsAndWhereItIsWorkedOn(String module) throws Exception {
        Document pom = pom(module);

        for (String element : List.of(
                "url",
                "inceptionYear",
                "organization/name",
                "licenses/license/name",
                "licenses/license/url",
                "developers/developer/name",
                "scm/connection",
                "scm/url",
                "issueManagement/url")) {
            assertThat(text(pom, "/project/" + element)).as(element).isNotBlank();
        }
    }

    @Test
    void everythingElse_isNotPublished() throws Exception {
        List<String> others = new ArrayList<>(modules());
        others.removeAll(publishedModules());

        for (String module : others) {
            assertThat(text(pom(module), "/project/properties/maven.deploy.skip"))
                    .as("%s: maven.deploy.skip", module)
                    .isEqualTo("true");
        }
    }

    @Test
    void billOfMaterials_hasAllPublishedJarsAndNothingElse() throws Exception {
        Document bom = pom(BOM);
        String managed = "/project/dependencyManagement/dependencies/dependency/";

        assertThat(texts(bom, managed + "artifactId")).containsExactlyInAnyOrderElementsOf(publishedJars());
        assertThat(texts(bom, managed + "version")).containsOnly("${project.version}");
        assertThat(text(bom, "/project/version")).isEqualTo(text(pom("."), "/project/version"));
        assertThat(text(bom, "/project/parent"))
                .as("a parent's versions would be imported too")
                .isEmpty();
    }

    static List<String> publishedModules() throws Exception {
        return modules().stream().filter(module -> module.startsWith("xds-lb-")).toList();
    }

    static List<String> publishedJars() throws Exception {
        return publishedModules().stream().filter(module -> !module.equals(BOM)).toList();
    }

    private static List<String> modules() throws Exception {
        List<String> modules = texts(pom("."), "/project/modules/module");
        assertThat(modules).contains(BOM);
        return modules;
    }

    private static Document pom(String module) throws Exception {
        Path file = ROOT.resolve(module).resolve("pom.xml");
        assertThat(file).isRegularFile();
        try (var in = Files.newInputStream(file)) {
            return DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(in);
        }
    }

    private static String text(Document pom, String path) throws XPathExpressionException {
        return XPATH.evaluate(path, pom).strip();
    }

    private static List<String> texts(Document pom, String path) throws XPathExpressionException {
        NodeList nodes = (NodeList) XPATH.evaluate(path, pom, XPathConstants.NODESET);
        List<String> texts = new ArrayList<>();
        for (int i = 0; i < nodes.getLength(); i++) {
            texts.add(nodes.item(i).getTextContent().strip());
        }
        return texts;
    }
}
