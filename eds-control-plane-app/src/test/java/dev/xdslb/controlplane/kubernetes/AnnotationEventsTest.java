/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.xdslb.controlplane.fault.FaultBoundary;
import dev.xdslb.controlplane.fault.Faults;
import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.api.model.StatusBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.server.mock.EnableKubernetesMockClient;
import io.fabric8.kubernetes.client.server.mock.KubernetesMockServer;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

@EnableKubernetesMockClient
@ExtendWith(OutputCaptureExtension.class)
class AnnotationEventsTest {
    private static final String PATH = "/api/v1/namespaces/shop/events";

    // Set by the extension.
    private KubernetesMockServer server;
    private KubernetesClient client;

    private final FaultBoundary boundary = new Faults().boundary("test");
    private AnnotationEvents events;

    @BeforeEach
    void open() {
        events = new AnnotationEvents(client, boundary);
    }

    @AfterEach
    void close() {
        events.close();
    }

    @Test
    void problem_isAWarningOnTheObject() throws InterruptedException {
        accept();

        events.look(service("u1"), List.of("annotation a is \"x\""));

        Event event = written();
        assertThat(event.getType()).isEqualTo("Warning");
        assertThat(event.getReason()).isEqualTo("InvalidAnnotation");
        assertThat(event.getMessage()).isEqualTo("annotation a is \"x\"");
        assertThat(event.getInvolvedObject().getKind()).isEqualTo("Service");
        assertThat(event.getInvolvedObject().getUid()).isEqualTo("u1");
        assertThat(event.getMetadata().getName()).matches("orders\\.[0-9a-f]{16}");
    }

    @Test
    void sameText_isSaidOnce_untilItWasMendedInBetween() throws InterruptedException {
        accept();
        events.look(service("u1"), List.of("one"));
        events.look(service("u1"), List.of("one"));
        events.look(service("u1"), List.of("one", "two"));
        events.look(service("u1"), List.of());
        events.look(service("u1"), List.of("two"));

        assertThat(List.of(written(), written(), written()))
                .extracting(Event::getMessage)
                .containsExactly("one", "two", "two");
    }

    /** Its API server then refuses the second one, which is no fault. */
    @Test
    void replicas_writeTheSameName_andAnObjectMadeAnewHasAnother(CapturedOutput output) throws InterruptedException {
        server.expect()
                .post()
                .withPath(PATH)
                .andReturn(409, new StatusBuilder().withCode(409).build())
                .always();
        try (AnnotationEvents replica = new AnnotationEvents(client, boundary)) {
            events.look(service("u1"), List.of("one"));
            String first = written().getMetadata().getName();
            replica.look(service("u1"), List.of("one"));
            assertThat(written().getMetadata().getName()).isEqualTo(first);
            replica.look(service("u2"), List.of("one"));
            assertThat(written().getMetadata().getName()).isNotEqualTo(first);
        }
        assertThat(output).doesNotContain("cannot be written");
    }

    @Test
    void refusal_isSaidOnce_andIsNoFault(CapturedOutput output) throws InterruptedException {
        server.expect()
                .post()
                .withPath(PATH)
                .andReturn(
                        403,
                        new StatusBuilder()
                                .withCode(403)
                                .withMessage("events is forbidden")
                                .build())
                .times(2);
        accept();

        events.look(service("u1"), List.of("one", "two", "three"));

        await().until(() -> output.getOut().contains("Events are written again"));
        assertThat(output.getOut().split("Events cannot be written", -1)).hasSize(2);
        assertThat(output).contains("events is forbidden", "expected: create on events");
        assertThat(boundary.count()).isZero();
    }

    private void accept() {
        server.expect().post().withPath(PATH).andReturn(201, new Event()).always();
    }

    private Event written() throws InterruptedException {
        return client.getKubernetesSerialization()
                .unmarshal(server.takeRequest().getBody().readUtf8(), Event.class);
    }

    private static Service service(String uid) {
        return new ServiceBuilder()
                .withNewMetadata()
                .withNamespace("shop")
                .withName("orders")
                .withUid(uid)
                .endMetadata()
                .build();
    }
}
