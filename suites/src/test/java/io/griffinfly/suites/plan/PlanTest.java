package io.griffinfly.suites.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.griffinfly.suites.adapter.AdapterRequest;
import io.griffinfly.suites.adapter.Mode;
import io.griffinfly.suites.adapter.ProgramSpec;
import io.griffinfly.suites.cases.CaseBundle;
import io.griffinfly.suites.fake.TestProject;
import io.griffinfly.suites.peers.PeerCatalog;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PlanTest {
  @TempDir Path root;
  private @Nullable CaseBundle made;
  private PeerCatalog catalog = new PeerCatalog(List.of());

  @BeforeEach
  void makeProject() throws IOException {
    TestProject project = new TestProject(root);
    project.jvmPeer("trains", TestProject.ALL_PROGRAMS, "a", "b", "c");
    project.jvmPeer("infers", List.of("forward"), "default");
    made = CaseBundle.open(project.bundle(true));
    catalog = PeerCatalog.read(root.resolve("suites/peers"), root);
  }

  private CaseBundle bundle() {
    return Objects.requireNonNull(made);
  }

  private Plan plan(Profile profile, long seed, String... frameworks) {
    return plan(profile, seed, false, frameworks);
  }

  private Plan plan(Profile profile, long seed, boolean verifyOnly, String... frameworks) {
    RunOptions options =
        new RunOptions(
            List.of(),
            "",
            List.of(frameworks),
            true,
            profile,
            profile.rounds(),
            verifyOnly,
            "cpu",
            2,
            seed,
            60,
            null,
            false,
            null,
            null);
    return Plan.make(options, List.of(bundle()), catalog);
  }

  @Test
  void everyContenderRunsOnceInEveryRound() {
    for (Profile profile : Profile.values()) {
      Plan plan = plan(profile, 7, "trains", "infers");
      for (int round = 0; round < profile.rounds(); round++) {
        int now = round;
        List<Contender> timed =
            plan.units().stream()
                .filter(unit -> unit.round() == now && unit.mode() == Mode.BENCH)
                .map(PlannedUnit::contender)
                .toList();
        assertEquals(4, timed.size());
        assertEquals(new HashSet<>(plan.contenders()), new HashSet<>(timed));
      }
      long cold = plan.units().stream().filter(PlannedUnit::cold).count();
      assertEquals(4L * profile.coldCompiles(), cold);
      assertEquals(
          plan.units().size(), plan.units().stream().map(PlannedUnit::id).distinct().count());
    }
  }

  @Test
  void timingComesFirstAndVerificationBeforeTheSecondRound() {
    for (Profile profile : Profile.values()) {
      List<PlannedUnit> units = plan(profile, 7, "trains", "infers").units();
      List<Mode> modes = units.stream().map(PlannedUnit::mode).toList();
      assertEquals(Collections.nCopies(4, Mode.BENCH), modes.subList(0, 4));
      assertEquals(Collections.nCopies(4, Mode.VERIFY), modes.subList(4, 8));
      assertTrue(units.subList(0, 8).stream().allMatch(unit -> unit.round() == 0));
      assertTrue(units.subList(8, units.size()).stream().allMatch(unit -> unit.round() > 0));
      assertFalse(modes.subList(8, modes.size()).contains(Mode.VERIFY));
    }
  }

  /// A metric keeps one value a round, so no round may have two cold or two warm processes of one
  /// contender; and what is warm needs a cache that an earlier process of its round left, or of the
  /// last round that began with an empty one.
  @Test
  void everyRoundHasOneWarmProcessOfEachContenderAndTheFirstRoundsAColdOneBeforeIt() {
    for (Profile profile : Profile.values()) {
      Plan plan = plan(profile, 7, "trains", "infers");
      for (Contender contender : plan.contenders()) {
        for (int round = 0; round < profile.rounds(); round++) {
          int now = round;
          List<Boolean> cold =
              plan.units().stream()
                  .filter(unit -> unit.round() == now && unit.contender().equals(contender))
                  .map(PlannedUnit::cold)
                  .toList();
          assertEquals(
              round < profile.coldCompiles() ? List.of(true, false) : List.of(false), cold);
        }
      }
    }
  }

  @Test
  void withoutTimesEachContenderIsVerifiedOnceAndThatIsAll() {
    Plan plan = plan(Profile.STANDARD, 7, true, "trains", "infers");
    assertEquals(4, plan.units().size());
    assertTrue(plan.units().stream().allMatch(unit -> unit.mode() == Mode.VERIFY && unit.cold()));
  }

  @Test
  void variantsOfAnotherDeviceAreAbsentInOneLine() throws IOException {
    new TestProject(root)
        .manifest(
            "wide",
            Map.ofEntries(
                Map.entry("schema", "griffinfly-peer/1.0"),
                Map.entry("name", "wide"),
                Map.entry("title", "Wide"),
                Map.entry("variants", List.of("plain", "graphs", "graphs-tf32")),
                Map.entry("devices", List.of("cpu", "cuda")),
                Map.entry("only_on", Map.of("cuda", List.of("graphs", "graphs-tf32"))),
                Map.entry("programs", List.of("forward")),
                Map.entry("architectures", List.of("linear")),
                Map.entry("launch", Map.of("command", List.of("x")))));
    catalog = PeerCatalog.read(root.resolve("suites/peers"), root);
    Plan plan = plan(Profile.QUICK, 7, "wide:plain", "wide:graphs", "wide:graphs-tf32");
    assertEquals(List.of(new Contender("wide", "plain")), plan.contenders());
    Plan.Absent absent = plan.absent().getFirst();
    assertEquals("wide (graphs, graphs-tf32)", absent.label());
    assertEquals("runs on cuda only", absent.reason());
    assertEquals(1, plan.absent().size());
    // Who asks for the framework does not ask for what it does elsewhere.
    Plan whole = plan(Profile.QUICK, 7, "wide");
    assertEquals(List.of(new Contender("wide", "plain")), whole.contenders());
    assertEquals(List.of(), whole.absent());
    // Unless nothing of it is left: then its row is missing and somebody has to say so.
    assertEquals(
        absent, plan(Profile.QUICK, 7, "wide:graphs", "wide:graphs-tf32").absent().getFirst());
  }

  @Test
  void seedDecidesTheOrderAndTheDigestTellsPlansApart() {
    Plan plan = plan(Profile.STANDARD, 7, "trains", "infers");
    assertEquals(plan.sha256(), plan(Profile.STANDARD, 7, "trains", "infers").sha256());
    Set<String> others =
        Set.of(
            plan(Profile.STANDARD, 8, "trains", "infers").sha256(),
            plan(Profile.QUICK, 7, "trains", "infers").sha256(),
            plan(Profile.STANDARD, 7, "trains").sha256(),
            plan(Profile.STANDARD, 7, "trains:b", "infers").sha256());
    assertEquals(4, others.size());
    assertTrue(!others.contains(plan.sha256()));
  }

  @Test
  void requestsSpellOutWhatTheFrameworkCanDo() {
    assertEquals(
        List.of("forward", "latency", "gradients", "train_sgd"), programs("trains:a", Mode.VERIFY));
    assertEquals(List.of("forward", "latency", "train_sgd"), programs("trains:a", Mode.BENCH));
    assertEquals(List.of("forward", "latency"), programs("infers", Mode.BENCH));
  }

  private List<String> programs(String framework, Mode mode) {
    return request(framework, mode, "x").programs().stream().map(ProgramSpec::name).toList();
  }

  private AdapterRequest request(String framework, Mode mode, String attempt) {
    Plan plan = plan(Profile.QUICK, 7, framework);
    PlannedUnit unit =
        plan.units().stream().filter(each -> each.mode() == mode).findFirst().orElseThrow();
    return Requests.of(
        unit,
        plan.options(),
        bundle(),
        catalog.find(unit.contender().framework()).orElseThrow(),
        attempt,
        root,
        Path.of("trace.json"));
  }

  @Test
  void forwardGoesRoundAllSetsAndEndsOnOneThatNobodyCanGuess() {
    Set<Integer> finals = new HashSet<>();
    Set<String> nonces = new HashSet<>();
    for (int attempt = 0; attempt < 40; attempt++) {
      AdapterRequest request = request("trains:a", Mode.VERIFY, "attempt " + attempt);
      ProgramSpec forward = request.programs().getFirst();
      assertEquals(
          List.of(Map.of("x", "x"), Map.of("x", "x@1"), Map.of("x", "x@2")), forward.inputSets());
      finals.add(forward.finalSet());
      nonces.add(request.nonce());
      assertEquals(1, request.programs().getLast().inputSets().size(), "truth of steps: set 0");
      assertEquals(0, request.programs().getLast().finalSet());
    }
    assertEquals(Set.of(0, 1, 2), finals);
    assertEquals(40, nonces.size());
    assertNotEquals("", nonces.iterator().next());
  }

  @Test
  void everyTimedProgramHasAMetricAndNamesAreUnique() {
    assertEquals(Metric.ALL.size(), Metric.ALL.stream().map(Metric::name).distinct().count());
    for (String program : List.of("forward", "latency", "train_sgd")) {
      assertEquals(program + "_ms", Metric.ofProgram(program).orElseThrow().name());
    }
    assertTrue(Metric.ofProgram("gradients").isEmpty());
  }
}
