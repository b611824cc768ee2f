/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.xdslb.FakeNanoClock;
import dev.xdslb.Randoms;
import dev.xdslb.endpoint.Endpoint;
import dev.xdslb.endpoint.EndpointHealth;
import dev.xdslb.endpoint.EndpointKey;
import dev.xdslb.endpoint.Locality;
import dev.xdslb.load.EndpointLoad;
import dev.xdslb.policy.EjectionState.Phase;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which endpoints of a service one client uses. */
class ClientSubsetChooserTest {
    private static final String ME = "6f1c2b0e-client";

    private final RandomGenerator random = Randoms.seeded();
    private final FakeNanoClock clock = new FakeNanoClock();
    private final Map<EndpointKey, Member> members = new HashMap<>();
    private Function<Endpoint, String> label = endpoint -> "";
    private boolean prefersOwnZone;
    private String ownZone = "";
    private int clients = 1_000;

    @Test
    void off_isAll() {
        ClientSubset all = chooser(EndpointsPerClient.ALL, ME).choose(pods(5_000), members::get);

        assertThat(all.chosen()).hasSize(5_000);
        assertThat(all.outside()).isEmpty();
        assertThat(all.parts()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 99, 100, 101, 10_000})
    void anyNumberOfEndpoints_isDivided(int endpoints) {
        ClientSubset subset = chooser(EndpointsPerClient.AUTO, ME).choose(pods(endpoints), members::get);

        assertThat(subset.chosen()).hasSize(endpoints < 100 ? endpoints : endpoints == 10_000 ? 256 : 20);
        assertThat(subset.chosen().size() + subset.outside().size()).isEqualTo(endpoints);
        assertThat(Collections.disjoint(Set.copyOf(subset.chosen()), subset.outside()))
                .isTrue();
    }

    @Test
    void unknownClients_meanAll_andThatIsSaid() {
        clients = 0;

        ClientSubset subset = chooser(EndpointsPerClient.AUTO, ME).choose(pods(5_000), members::get);

        assertThat(subset.outside()).isEmpty();
        assertThat(subset.parts())
                .hasSize(1)
                .first()
                .asString()
                .contains("5000 of 5000", "is not known", "own-service");
    }

    @Test
    void sameClient_choosesTheSameAfterARestart_inWhicheverOrderTheyCome() {
        List<Endpoint> pods = pods(1_000);
        List<Endpoint> shuffled = new ArrayList<>(pods);
        Collections.shuffle(shuffled, new Random(random.nextLong()));

        assertThat(keys(fixed(64).choose(shuffled, members::get)))
                .isEqualTo(keys(fixed(64).choose(pods, members::get)))
                .hasSize(64);
    }

    @Test
    void otherClient_choosesOthers() {
        List<Endpoint> pods = pods(1_000);

        Set<EndpointKey> both = keys(fixed(64).choose(pods, members::get));
        both.retainAll(keys(chooser(EndpointsPerClient.of(64), "other-client").choose(pods, members::get)));

        assertThat(both).hasSizeLessThan(20); // 4 are expected
    }

    @Test
    void allPortsOfAPod_areRankedAlike() {
        List<Endpoint> pods = pods(1_000);
        List<Endpoint> otherPort = pods.stream()
                .map(pod -> Endpoint.builder(pod.key().host(), 9090)
                        .pod(pod.podName(), pod.key().podUid())
                        .build())
                .toList();

        assertThat(uids(fixed(64).choose(otherPort, members::get)))
                .isEqualTo(uids(fixed(64).choose(pods, members::get)));
    }

    @Test
    void endpointsWithoutPods_areRankedByAddress() {
        List<Endpoint> plain = IntStream.range(0, 1_000)
                .mapToObj(i -> Endpoint.builder("10.0." + i / 250 + '.' + i % 250, 8080)
                        .build())
                .toList();

        assertThat(keys(fixed(64).choose(plain, members::get)))
                .hasSize(64)
                .isEqualTo(keys(fixed(64).choose(plain, members::get)));
    }

    @Test
    void twoEndpointsOfOnePod_areTwo() {
        List<Endpoint> pods = new ArrayList<>();
        for (Endpoint pod : pods(100)) {
            pods.add(pod);
            pods.add(Endpoint.builder("fd00::" + pod.key().host().replace('.', ':'), 8080)
                    .pod(pod.podName(), pod.key().podUid())
                    .build());
        }

        assertThat(keys(fixed(64).choose(pods, members::get))).hasSize(64);
    }

    @Test
    void largerSubset_hasAllOfTheSmallerOne() {
        List<Endpoint> pods = inZones(500, 300, 200);

        assertThat(keys(fixed(128).choose(pods, members::get)))
                .containsAll(keys(fixed(64).choose(pods, members::get)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a", "c"})
    void podThatComesOrGoes_exchangesAtMostOne(String own) {
        prefersOwnZone = !own.isEmpty();
        ownZone = own;
        ClientSubsetChooser chooser = fixed(64);
        List<Endpoint> pods = inZones(300, 200, 37);
        Set<EndpointKey> before = keys(chooser.choose(pods, members::get));
        for (int change = 0; change < 200; change++) {
            pods = new ArrayList<>(pods);
            if (random.nextBoolean()) {
                pods.remove(random.nextInt(pods.size()));
            } else {
                pods.add(pod(10_000 + change)
                        .locality(zone("abc".charAt(random.nextInt(3))))
                        .build());
            }
            Set<EndpointKey> after = keys(chooser.choose(pods, members::get));

            assertThat(missing(before, after)).hasSizeLessThanOrEqualTo(1);
            assertThat(missing(after, before)).hasSizeLessThanOrEqualTo(1);
            before = after;
        }
    }

    @Test
    void rollOut_exchangesTheMembersThatWent_andNoOthersButForNewOnes() {
        ClientSubsetChooser chooser = fixed(64);
        List<Endpoint> pods = new ArrayList<>(pods(200));
        Set<EndpointKey> before = keys(chooser.choose(pods, members::get));
        int exchanged = 0;
        for (int i = 0; i < 200; i++) { // one more that is not ready, then ready, then an old one drains and goes
            int replaced = i;
            pods.add(pod(1_000 + i).health(EndpointHealth.UNHEALTHY).build());
            assertReadyInside(chooser.choose(List.copyOf(pods), members::get), 64);
            pods.set(pods.size() - 1, pod(1_000 + i).build());
            assertReadyInside(chooser.choose(List.copyOf(pods), members::get), 64);
            pods.replaceAll(pod -> pod.podName().equals("pod-" + replaced)
                    ? pod(replaced).health(EndpointHealth.DRAINING).build()
                    : pod);
            assertReadyInside(chooser.choose(List.copyOf(pods), members::get), 64);
            pods.removeIf(pod -> pod.podName().equals("pod-" + replaced));
            Set<EndpointKey> after = keys(chooser.choose(List.copyOf(pods), members::get));
            exchanged += missing(before, after).size();
            before = after;
        }

        assertThat(before).allMatch(key -> key.podUid().compareTo("uid-01000") >= 0);
        assertThat(exchanged).isBetween(64, 256); // 64 go, and new ones are preferred to old ones a second time
    }

    @Test
    void podsThatAreNotReady_areReplacedByTheNextInRank_andComeBack() {
        ClientSubsetChooser chooser = fixed(64);
        List<Endpoint> pods = pods(1_000);
        Set<EndpointKey> before = keys(chooser.choose(pods, members::get));
        Set<EndpointKey> unready = before.stream().limit(10).collect(Collectors.toSet());
        List<Endpoint> some = pods.stream()
                .map(pod -> unready.contains(pod.key()) ? like(pod, EndpointHealth.UNHEALTHY) : pod)
                .toList();

        ClientSubset replaced = chooser.choose(some, members::get);

        assertReadyInside(replaced, 64);
        assertThat(keys(replaced)).containsAll(before).hasSize(74);
        assertThat(keys(chooser.choose(List.copyOf(pods), members::get))).isEqualTo(before);
    }

    @Test
    void shareOfReadyOnes_isThatOfTheService() {
        List<Endpoint> pods = pods(1_000).stream()
                .map(pod -> random.nextInt(10) < 3 ? like(pod, EndpointHealth.UNHEALTHY) : pod)
                .toList();

        ClientSubset subset = fixed(64).choose(pods, members::get);

        assertThat(weight(subset, true)).isCloseTo(ready(pods).size(), within(1e-6));
        assertThat(weight(subset, false)).isCloseTo(1_000 - ready(pods).size(), within(1e-6));
    }

    @Test
    void noneReady_leavesAllInside() {
        List<Endpoint> pods = pods(300).stream()
                .map(pod -> like(pod, EndpointHealth.UNHEALTHY))
                .toList();

        assertThat(fixed(64).choose(pods, members::get).outside()).isEmpty();
    }

    @Test
    void fewerReadyThanTheSubset_areAllInside() {
        List<Endpoint> pods = new ArrayList<>(pods(300));
        for (int i = 10; i < 300; i++) {
            pods.set(i, like(pods.get(i), EndpointHealth.UNHEALTHY));
        }

        assertThat(fixed(64).choose(pods, members::get).chosen()).containsAll(pods.subList(0, 10));
    }

    @Test
    void membersThatAreEjected_areReplaced_andTheirStandInsStayForAWhile() {
        ClientSubsetChooser chooser = fixed(64);
        List<Endpoint> pods = pods(1_000);
        Set<EndpointKey> before = keys(choose(chooser, pods));
        List<EndpointKey> failing = before.stream().limit(5).toList();

        failing.forEach(key -> members.get(key).ejection().phase = Phase.EJECTED);
        Set<EndpointKey> with = keys(choose(chooser, pods));
        assertThat(with).containsAll(before).hasSize(69);

        failing.forEach(key -> members.get(key).ejection().phase = Phase.TRUSTED);
        clock.advance(Duration.ofSeconds(29));
        assertThat(keys(choose(chooser, pods))).isEqualTo(with);

        clock.advance(Duration.ofSeconds(1));
        assertThat(keys(choose(chooser, pods))).isEqualTo(before);
    }

    @Test
    void sameChoice_isTheSameObject() {
        ClientSubsetChooser chooser = fixed(64);
        List<Endpoint> pods = pods(1_000);

        assertThat(choose(chooser, pods)).isSameAs(choose(chooser, pods));
    }

    @Test
    void memberThatIsAvoidedAgainAndAgain_hasOneStandInAllTheTime() {
        ClientSubsetChooser chooser = fixed(64);
        List<Endpoint> pods = pods(1_000);
        Member flapping = members.get(keys(choose(chooser, pods)).iterator().next());
        flapping.ejection().avoid(clock.getAsLong(), 1);
        ClientSubset with = choose(chooser, pods);
        for (int second = 0; second < 100; second++) {
            clock.advance(Duration.ofSeconds(1));
            if (second % 2 == 0) {
                flapping.ejection().endAvoidance();
            } else {
                flapping.ejection().avoid(clock.getAsLong(), 1);
            }
            assertThat(choose(chooser, pods)).isSameAs(with);
        }
    }

    @Test
    void allThatFail_areReplacedByAtMostAsMany() {
        ClientSubsetChooser chooser = fixed(64);
        List<Endpoint> pods = pods(1_000);
        for (int storm = 0; storm < 20; storm++) {
            choose(chooser, pods);
            members.values().forEach(member -> member.ejection().phase = Phase.EJECTED);
            clock.advance(Duration.ofMillis(500));
        }

        assertThat(choose(chooser, pods).chosen()).hasSize(128);
    }

    @Test
    void standIns_areOfTheSameZone() {
        ClientSubsetChooser chooser = fixed(60);
        List<Endpoint> pods = inZones(300, 200, 100);
        choose(chooser, pods);
        members.values().stream()
                .filter(member -> member.endpoint().locality().zone().equals("c"))
                .forEach(member -> member.ejection().phase = Phase.EJECTED);

        assertThat(byZone(choose(chooser, pods))).isEqualTo(Map.of("a", 30, "b", 20, "c", 20));
    }

    @Test
    void zones_areInProportion_andWeighWhatTheyWeighAsAWhole() {
        List<Endpoint> pods = inZones(700, 290, 10);

        ClientSubset subset = fixed(32).choose(pods, members::get);

        assertThat(byZone(subset)).isEqualTo(Map.of("a", 22, "b", 9, "c", 1));
        assertThat(weightByZone(subset)).hasSize(3);
        assertThat(weightByZone(subset).get("a")).isCloseTo(700, within(1e-6));
        assertThat(weightByZone(subset).get("b")).isCloseTo(290, within(1e-6));
        assertThat(weightByZone(subset).get("c")).isCloseTo(10, within(1e-6));
    }

    @Test
    void ownZone_isPreferred_andWeighsNoMoreForIt() {
        prefersOwnZone = true;
        ownZone = "c";

        ClientSubset subset = fixed(32).choose(inZones(700, 200, 100), members::get);

        assertThat(byZone(subset)).isEqualTo(Map.of("a", 25, "b", 7, "c", 32));
        assertThat(weightByZone(subset).get("a")).isCloseTo(700, within(1e-6));
        assertThat(weightByZone(subset).get("c")).isCloseTo(100, within(1e-6));
    }

    @Test
    void weightsOfPods_stay() {
        List<Endpoint> pods = IntStream.range(0, 400)
                .mapToObj(i -> pod(i).weight(1 + i % 4).build())
                .toList();

        ClientSubset subset = fixed(64).choose(pods, members::get);

        assertThat(weight(subset, true)).isCloseTo(1_000, within(1e-6));
        assertThat(new HashSet<>(subset.standsFor().values())).hasSize(1);
    }

    @Test
    void priorities_haveASubsetEach() {
        List<Endpoint> pods = IntStream.range(0, 1_000)
                .mapToObj(i -> pod(i).priority(i < 50 ? 0 : i < 400 ? 1 : 2).build())
                .toList();

        ClientSubset subset = chooser(EndpointsPerClient.AUTO, ME).choose(pods, members::get);

        assertThat(subset.parts()).extracting(ClientSubset.Part::endpoints).containsExactly(50, 350, 600);
        assertThat(subset.parts()).extracting(ClientSubset.Part::chosen).containsExactly(50, 20, 20);
    }

    @Test
    void valuesOfTheLabel_haveASubsetEach() {
        label = endpoint -> endpoint.shard();
        List<Endpoint> pods = IntStream.range(0, 1_000)
                .mapToObj(i -> pod(i).shard(i < 10 ? "canary" : "stable").build())
                .toList();

        ClientSubset subset = fixed(64).choose(pods, members::get);

        assertThat(subset.parts()).extracting(ClientSubset.Part::label).containsExactly("canary", "stable");
        assertThat(subset.parts()).extracting(ClientSubset.Part::chosen).containsExactly(10, 64);
        assertThat(weight(subset, true)).isCloseTo(1_000, within(1e-6));
    }

    @Test
    void allClientsTogether_useAllEndpoints_asEvenlyAsChanceDoes() {
        List<Endpoint> pods = inZones(200, 150, 150);
        Map<EndpointKey, Double> load = new HashMap<>();
        for (int client = 0; client < 1_000; client++) {
            ClientSubset subset =
                    chooser(EndpointsPerClient.of(40), "client-" + client).choose(pods, members::get);
            double all = weight(subset, true);
            subset.chosen().forEach(pod -> load.merge(pod.key(), weight(subset, pod) / all, Double::sum));
        }

        assertThat(load).hasSize(500);
        assertThat(load.values()).allSatisfy(share -> assertThat(share).isBetween(1.0, 3.2)); // 2 on average
    }

    private ClientSubsetChooser fixed(int size) {
        return chooser(EndpointsPerClient.of(size), ME);
    }

    private ClientSubsetChooser chooser(EndpointsPerClient setting, String client) {
        ClientPlace place = new ClientPlace() {
            @Override
            public String zone() {
                return ownZone;
            }

            @Override
            public double clientShare(String zone) {
                return Double.NaN;
            }

            @Override
            public String clientId() {
                return client;
            }

            @Override
            public int clients() {
                return clients;
            }
        };
        return new ClientSubsetChooser(setting, prefersOwnZone, endpoint -> label.apply(endpoint), place, clock);
    }

    /** Chooses as a cluster does, which knows more of those it has chosen. */
    private ClientSubset choose(ClientSubsetChooser chooser, List<Endpoint> pods) {
        ClientSubset subset = chooser.choose(pods, members::get);
        members.keySet().retainAll(keys(subset));
        subset.chosen()
                .forEach(pod ->
                        members.computeIfAbsent(pod.key(), key -> Member.of(pod, new EndpointLoad(key, clock))));
        return subset;
    }

    private static List<Endpoint> pods(int number) {
        return IntStream.range(0, number).mapToObj(i -> pod(i).build()).toList();
    }

    private static List<Endpoint> inZones(int a, int b, int c) {
        return IntStream.range(0, a + b + c)
                .mapToObj(i -> pod(i).locality(zone(i < a ? 'a' : i < a + b ? 'b' : 'c'))
                        .build())
                .toList();
    }

    private static Locality zone(char zone) {
        return new Locality("", String.valueOf(zone), "");
    }

    private static Endpoint.Builder pod(int number) {
        return Endpoint.builder("10." + number / 62_500 + '.' + number / 250 % 250 + '.' + number % 250, 8080)
                .pod("pod-" + number, String.format("uid-%05d", number));
    }

    private static Endpoint like(Endpoint pod, EndpointHealth health) {
        return Endpoint.builder(pod.key().host(), pod.key().port())
                .pod(pod.podName(), pod.key().podUid())
                .health(health)
                .build();
    }

    private static void assertReadyInside(ClientSubset subset, int expected) {
        assertThat(ready(subset.chosen())).hasSize(expected);
    }

    private static List<Endpoint> ready(List<Endpoint> endpoints) {
        return endpoints.stream()
                .filter(endpoint -> endpoint.health().receivesRequests())
                .toList();
    }

    private static double weight(ClientSubset subset, boolean ready) {
        return subset.chosen().stream()
                .filter(endpoint -> endpoint.health().receivesRequests() == ready)
                .mapToDouble(endpoint -> weight(subset, endpoint))
                .sum();
    }

    private static double weight(ClientSubset subset, Endpoint endpoint) {
        return endpoint.weight() * subset.standsFor(endpoint);
    }

    private static Map<String, Integer> byZone(ClientSubset subset) {
        return subset.chosen().stream()
                .collect(Collectors.toMap(pod -> pod.locality().zone(), pod -> 1, Integer::sum));
    }

    private static Map<String, Double> weightByZone(ClientSubset subset) {
        return subset.chosen().stream()
                .collect(Collectors.toMap(pod -> pod.locality().zone(), pod -> weight(subset, pod), Double::sum));
    }

    private static Set<EndpointKey> keys(ClientSubset subset) {
        return subset.chosen().stream().map(Endpoint::key).collect(Collectors.toCollection(HashSet::new));
    }

    private static Set<String> uids(ClientSubset subset) {
        return subset.chosen().stream().map(pod -> pod.key().podUid()).collect(Collectors.toSet());
    }

    private static Set<EndpointKey> missing(Set<EndpointKey> before, Set<EndpointKey> after) {
        Set<EndpointKey> missing = new HashSet<>(before);
        missing.removeAll(after);
        return missing;
    }
}
