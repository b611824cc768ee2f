/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import io.netty.handler.ssl.ClientAuth;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.core.env.SystemEnvironmentPropertySource;

/** The environment variables of the manifests and of the documentation are those of the properties that are meant: they are not checked. */
class DeploymentVariablesTest {
    private static final Pattern VARIABLE = Pattern.compile("\\{name: (XDSLB_\\w+), value: \"?([^\"}]*)\"?}");

    @Test
    void tls() throws IOException {
        Map<String, String> variables = new HashMap<>();
        new KubernetesSerialization()
                .unmarshal(Files.readString(Path.of("kubernetes/tls/deployment-patch.yaml")), Deployment.class)
                .getSpec()
                .getTemplate()
                .getSpec()
                .getContainers()
                .get(0)
                .getEnv()
                .forEach((EnvVar variable) -> variables.put(variable.getName(), variable.getValue()));
        Binder binder = binder(variables);

        assertThat(binder.bind("xds-lb.control-plane", ControlPlaneProperties.class)
                        .get()
                        .server()
                        .ssl())
                .isEqualTo(new ControlPlaneProperties.Ssl("xds", ClientAuth.OPTIONAL));
        assertThat(List.of("keystore.certificate", "keystore.private-key", "truststore.certificate"))
                .allSatisfy(name -> assertThat(binder.bind("spring.ssl.bundle.pem.xds." + name, String.class)
                                .get())
                        .startsWith("file:/etc/eds-control-plane/tls/"));
    }

    @Test
    void identities() throws IOException {
        Map<String, String> variables = new HashMap<>();
        Matcher said = VARIABLE.matcher(Files.readString(Path.of("../docs/envoy-ingress.md")));
        while (said.find()) {
            variables.put(said.group(1), said.group(2));
        }

        ControlPlaneProperties.GatewayApi bound = binder(variables)
                .bind("xds-lb.control-plane", ControlPlaneProperties.class)
                .get()
                .gatewayApi();
        assertThat(bound.secrets()).isTrue();
        assertThat(bound.identities())
                .containsExactly(new ControlPlaneProperties.Identity(
                        "shop/ingress", "spiffe://cluster.local/ns/shop/sa/ingress"));
    }

    private static Binder binder(Map<String, String> variables) {
        return new Binder(ConfigurationPropertySources.from(
                new SystemEnvironmentPropertySource("systemEnvironment", Map.copyOf(variables))));
    }
}
