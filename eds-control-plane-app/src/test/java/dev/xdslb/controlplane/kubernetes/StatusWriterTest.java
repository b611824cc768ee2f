/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.xdslb.controlplane.fault.Faults;
import dev.xdslb.controlplane.gateway.GatewayListener.StatusChange;
import dev.xdslb.controlplane.gateway.ObjectStatus;
import dev.xdslb.controlplane.topology.ObjectId;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

/** Writers with a clock that the test drives, each step of theirs as their threads would make it. */
@ExtendWith(OutputCaptureExtension.class)
class StatusWriterTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final ObjectId ROUTE = new ObjectId(ObjectId.Kind.HTTP_ROUTE, "shop", "orders");

    private final Map<ObjectId, ObjectStatus> said = new HashMap<>();
    private final List<String> writes = new ArrayList<>();
    private final Deque<Integer> answers = new ArrayDeque<>();
    private final List<StatusWriter> writers = new ArrayList<>();
    private JsonNode status = JSON.createObjectNode();
    private int version = 1;
    private long generation = 1;
    private long now;
    private boolean complete = true;
    private boolean late; // what is written is shown to nobody yet
    private int reads;
    private @Nullable Duration retryAfter;
    private final Map<StatusSignals.Outcome, Integer> outcomes = new EnumMap<>(StatusSignals.Outcome.class);

    @Test
    void whatIsToBeSaid_isWrittenOnce() {
        StatusWriter writer = writer("a");
        say(StatusMergeTest.route(1, true, "ingress"));
        pass(Duration.ofSeconds(1));

        assertThat(writes).hasSize(1);
        assertThat(writes.get(0)).contains("\"resourceVersion\":\"1\"");
        writer.shows(ROUTE, shown()); // as an informer does after a new list
        say(StatusMergeTest.route(1, true, "ingress"));
        pass(Duration.ofMinutes(5));
        assertThat(writes).as("no loop").hasSize(1);
    }

    @Test
    void changesThatComeTogether_areOneWrite() {
        writer("a");
        for (int i = 0; i < 100; i++) {
            say(StatusMergeTest.route(1, i % 2 == 1, "ingress"));
        }
        pass(Duration.ofSeconds(1));

        assertThat(writes).hasSize(1);
    }

    @Test
    void ofTwoReplicas_oneWrites() {
        writer("a");
        writer("b");
        int rounds = 50;
        for (int i = 1; i <= rounds; i++) {
            say(StatusMergeTest.route(generation, i % 2 == 0, "ingress"));
            pass(Duration.ofSeconds(2));
        }

        assertThat(writes).hasSize(rounds);
    }

    @Test
    void replicasThatWriteAtOnce_conflict_andAgreeWithOneMoreLook() {
        writer("a");
        writer("b");
        late = true; // the informers are behind
        say(StatusMergeTest.route(1, true, "ingress"));
        pass(Duration.ofSeconds(1));
        late = false;
        show();
        pass(Duration.ofMinutes(1));

        assertThat(writes.size()).isBetween(2, 4);
        assertThat(writes).filteredOn(write -> write.startsWith("200")).hasSize(1);
    }

    @Test
    void routeThatHasNoParentOfOursAnyMore_losesOurEntry() {
        writer("a");
        say(StatusMergeTest.route(1, true, "ingress"));
        pass(Duration.ofSeconds(1));
        said.clear();
        writers.forEach(writer -> writer.statusesChanged(List.of(new StatusChange(ROUTE, null))));
        pass(Duration.ofSeconds(1));

        assertThat(writes).hasSize(2);
        assertThat(status.path("parents")).isEmpty();
    }

    @Test
    void beforeItIsKnownWhatIsThere_nothingIsTakenAway() {
        complete = false;
        StatusWriter writer = writer("a");
        status = StatusMerge.of(
                JSON.createObjectNode(), StatusMergeTest.route(1, true, "ingress"), List.of(), Instant.EPOCH);
        writer.shows(ROUTE, shown());
        pass(Duration.ofMinutes(1));

        assertThat(writes).isEmpty();
    }

    @Test
    void whatIsSaidOfAnOlderGeneration_isNotWritten() {
        StatusWriter writer = writer("a");
        generation = 2;
        writer.shows(ROUTE, shown());
        say(StatusMergeTest.route(1, true, "ingress"));
        pass(Duration.ofMinutes(1));
        assertThat(writes).isEmpty();

        say(StatusMergeTest.route(2, true, "ingress"));
        pass(Duration.ofSeconds(1));
        assertThat(writes).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(ints = {403, 404, 429, 500, 0})
    void refusal_isSaidOnce_andTriedAgainMoreAndMoreSeldom(int code, CapturedOutput output) {
        writer("a");
        for (int i = 0; i < 8; i++) {
            answers.add(code);
        }
        say(StatusMergeTest.route(1, true, "ingress"));
        pass(Duration.ofMinutes(1));

        assertThat(writes.size()).isBetween(5, 7);
        assertThat(output.getOut().split("is not written", -1)).hasSize(2);
        pass(Duration.ofMinutes(5));
        assertThat(writes).filteredOn(write -> write.startsWith("200")).hasSize(1);
        assertThat(output).contains("statuses of kind HTTPRoute are written again");
    }

    @Test
    void somebodyWhoWritesTheOppositeForEver_isLeftAlone(CapturedOutput output) {
        writer("a");
        JsonNode theirs = JSON.createObjectNode().put("parents", "").removeAll();
        say(StatusMergeTest.route(1, true, "ingress"));
        for (int i = 0; i < 600; i++) {
            pass(Duration.ofSeconds(1));
            if (!status.isEmpty()) {
                status = theirs;
                version++;
                show();
            }
        }

        assertThat(writes.size()).as("in ten minutes").isBetween(4, 20);
        assertThat(output.getOut().split("somebody else", -1)).hasSize(2);
    }

    @Test
    void conflictThatTheInformerDoesNotShow_isReadAnew() {
        writer("a");
        version++; // and nobody is told
        say(StatusMergeTest.route(1, true, "ingress"));
        pass(Duration.ofSeconds(1));
        assertThat(writes).hasSize(1).allMatch(write -> write.startsWith("409"));
        assertThat(reads).isZero();

        pass(Duration.ofSeconds(11));
        assertThat(reads).isEqualTo(1);
        assertThat(writes).hasSize(2).last().asString().startsWith("200");
    }

    @Test
    void somebodyWhoIsAlwaysFaster_isNoReasonToWriteAllTheTime() {
        StatusWriter writer = writer("a");
        say(StatusMergeTest.route(1, true, "ingress"));
        for (int i = 0; i < 6_000; i++) { // 10 times in a second, for ten minutes
            writer.shows(ROUTE, shown());
            version++;
            pass(Duration.ofMillis(100));
        }

        assertThat(writes.size()).as("in ten minutes").isBetween(3, 25);
        assertThat(reads).isBetween(1, 25);
        assertThat(outcomes.get(StatusSignals.Outcome.CONFLICT)).isGreaterThanOrEqualTo(2);
    }

    @ParameterizedTest
    @ValueSource(ints = {429, 500, 503, 0})
    void serverThatFails_isAskedForOneObject_notForEach(int code) {
        StatusWriter writer = writer("a");
        sayMany(writer, 1_000);
        for (int i = 0; i < 5; i++) {
            answers.add(code);
        }
        pass(Duration.ofSeconds(20));
        assertThat(writes.size()).as("1, 2, 4, 8 s and a bit between").isBetween(4, 5);

        pass(Duration.ofSeconds(60));
        assertThat(writes).hasSize(1_005);
        assertThat(outcomes)
                .containsEntry(code == 429 ? StatusSignals.Outcome.THROTTLED : StatusSignals.Outcome.FAILED, 5)
                .containsEntry(StatusSignals.Outcome.WRITTEN, 1_000);
    }

    @Test
    void retryAfter_isObeyed() {
        StatusWriter writer = writer("a");
        sayMany(writer, 10);
        retryAfter = Duration.ofSeconds(17);
        answers.add(429);
        pass(Duration.ofSeconds(1));
        assertThat(writes).hasSize(1);
        pass(Duration.ofSeconds(16));
        assertThat(writes).hasSize(1);

        retryAfter = null;
        pass(Duration.ofSeconds(11));
        assertThat(writes).hasSize(11);
    }

    @Test
    void kindThatMustNotBeWritten_isAskedForOneObject_andOtherKindsAreWritten() {
        StatusWriter writer = writer("a");
        sayMany(writer, 1_000);
        for (int i = 0; i < 4; i++) {
            answers.add(403);
        }
        pass(Duration.ofSeconds(6));
        assertThat(writes.size()).isBetween(2, 4);
        assertThat(outcomes.get(StatusSignals.Outcome.REFUSED)).isEqualTo(writes.size());

        ObjectId gateway = new ObjectId(ObjectId.Kind.GATEWAY, "shop", "ingress");
        answers.clear();
        ObjectStatus ofGateway = new ObjectStatus.OfGateway(
                gateway, 1, List.of(new ObjectStatus.Condition("Accepted", true, "Accepted", "")), List.of());
        said.put(gateway, ofGateway);
        int before = writes.size();
        writer.shows(gateway, shown());
        writer.statusesChanged(List.of(new StatusChange(gateway, ofGateway)));
        pass(Duration.ofMillis(600));
        assertThat(writes.size()).isGreaterThan(before);
    }

    @Test
    void objectThatIsNotTaken_keepsNoOtherOneBack() {
        StatusWriter writer = writer("a");
        sayMany(writer, 100);
        for (int i = 0; i < 3; i++) {
            answers.add(422);
        }
        pass(Duration.ofMillis(900));

        assertThat(writes).hasSize(100);
        pass(Duration.ofSeconds(3));
        assertThat(writes).hasSize(103);
    }

    @Test
    void entryThatIsNotOursAnyMore_goesAsSoonAsThatIsKnown() {
        complete = false;
        StatusWriter writer = writer("a");
        status = StatusMerge.of(
                JSON.createObjectNode(), StatusMergeTest.route(1, true, "ingress"), List.of(), Instant.EPOCH);
        writer.shows(ROUTE, shown());
        pass(Duration.ofMinutes(1));
        complete = true;
        pass(Duration.ofSeconds(15));

        assertThat(writes).hasSize(1);
        assertThat(status.path("parents")).isEmpty();
    }

    private void sayMany(StatusWriter writer, int count) {
        List<StatusChange> changes = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            ObjectId id = new ObjectId(ObjectId.Kind.HTTP_ROUTE, "shop", "r" + i);
            ObjectStatus ofRoute = new ObjectStatus.OfRoute(
                    id, 1, ((ObjectStatus.OfRoute) StatusMergeTest.route(1, true, "in")).parents());
            said.put(id, ofRoute);
            writer.shows(id, shown());
            changes.add(new StatusChange(id, ofRoute));
        }
        writer.statusesChanged(changes);
    }

    @Test
    void tenThousandObjects_areWrittenOneAfterTheOther_eachOnce() {
        StatusWriter writer = writer("a");
        sayMany(writer, 10_000);
        late = true;
        pass(Duration.ofSeconds(1));

        assertThat(writes).hasSize(10_000);
    }

    private StatusWriter writer(String name) {
        StatusWriter writer = new StatusWriter(
                new StatusWriter.Api() {
                    @Override
                    public StatusWriter.Answer patch(ObjectId id, String patch) {
                        return new StatusWriter.Answer(StatusWriterTest.this.patch(id, patch), retryAfter);
                    }

                    @Override
                    public StatusWriter.Shown read(ObjectId id) {
                        reads++;
                        return id.equals(ROUTE) ? shown() : null;
                    }
                },
                said::get,
                () -> complete,
                Map.of(),
                new Faults(),
                () -> Instant.EPOCH.plusNanos(now),
                () -> now,
                new SplittableRandom(name.hashCode()),
                (kind, outcome) -> outcomes.merge(outcome, 1, Integer::sum));
        writers.add(writer);
        writer.shows(ROUTE, shown());
        return writer;
    }

    private int patch(ObjectId id, String patch) {
        try {
            JsonNode tree = JSON.readTree(patch);
            Integer answer = answers.poll();
            int code = answer != null
                    ? answer
                    : !id.equals(ROUTE)
                                    || tree.at("/metadata/resourceVersion")
                                            .asText()
                                            .equals("" + version)
                            ? 200
                            : 409;
            writes.add(code + " " + patch);
            if (code == 200 && id.equals(ROUTE)) {
                ObjectNode next = status.deepCopy();
                next.setAll((ObjectNode) tree.path("status"));
                status = next;
                version++;
                if (!late) {
                    show();
                }
            }
            return code;
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private void show() {
        writers.forEach(writer -> writer.shows(ROUTE, shown()));
    }

    private StatusWriter.Shown shown() {
        return new StatusWriter.Shown("" + version, generation, status);
    }

    private void say(ObjectStatus next) {
        said.put(ROUTE, next);
        writers.forEach(writer -> writer.statusesChanged(List.of(new StatusChange(ROUTE, next))));
    }

    /** Lets time pass, with a look of each writer every 10 ms. */
    private void pass(Duration time) {
        long end = now + time.toNanos();
        while (now < end) {
            now += Duration.ofMillis(10).toNanos();
            for (StatusWriter writer : writers) {
                writer.due(now).forEach(writer::write);
            }
        }
    }
}
