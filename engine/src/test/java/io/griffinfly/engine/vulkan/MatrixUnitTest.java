package io.griffinfly.engine.vulkan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.griffinfly.engine.device.CoopShape;
import io.griffinfly.engine.device.DeviceProfile;
import io.griffinfly.engine.grad.Seed;
import io.griffinfly.engine.ir.Attention;
import io.griffinfly.engine.ir.DType;
import io.griffinfly.engine.ir.Graph;
import io.griffinfly.engine.ir.GraphBuilder;
import io.griffinfly.engine.ir.Initializer;
import io.griffinfly.engine.ir.Node;
import io.griffinfly.engine.kernel.KernelSpec;
import io.griffinfly.engine.kernel.Layout;
import io.griffinfly.engine.kernel.Schedule;
import io.griffinfly.engine.nn.Nn;
import io.griffinfly.engine.nn.RotaryTable;
import io.griffinfly.engine.opt.ConstantTables;
import io.griffinfly.engine.opt.HalfFactors;
import io.griffinfly.engine.opt.Optimizer;
import io.griffinfly.engine.opt.Precision;
import io.griffinfly.engine.opt.RooflineCosts;
import io.griffinfly.engine.opt.RuleSet;
import io.griffinfly.engine.plan.ExecutionPlan;
import io.griffinfly.engine.plan.Planner;
import io.griffinfly.engine.plan.Step;
import io.griffinfly.engine.plan.View;
import io.griffinfly.engine.train.Sgd;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Kernels for matrix units: which are chosen for a layer, and that their text compiles as it is.
/// What they compute is what `MatrixUnitKernelTest` compares, on other instructions, and
/// `ProductSweep` and the benchmark's validation on GPUs that have such units.
class MatrixUnitTest {
  private static final int ROWS = 96;
  private static final int HEAD_DIM = 32;

  /// GPUs by the matrix units that their drivers list.
  enum Fake {
    NVIDIA(true, 32, 16),
    NVIDIA_OF_SUBGROUPS(false, 32, 16),
    RDNA3(false, 64, 16),
    INTEL_ARC(false, 16, 8);

    private final boolean byWorkgroups;
    private final int subgroupSize;
    private final int rows;

    Fake(boolean byWorkgroups, int subgroupSize, int rows) {
      this.byWorkgroups = byWorkgroups;
      this.subgroupSize = subgroupSize;
      this.rows = rows;
    }

    private DeviceProfile profile() {
      return MatrixUnitTest.profile(byWorkgroups, true, subgroupSize, rows);
    }
  }

  private static DeviceProfile profile(boolean byWorkgroups, boolean bySubgroups) {
    return profile(byWorkgroups, bySubgroups, 32, 16);
  }

  private static DeviceProfile profile(
      boolean byWorkgroups, boolean bySubgroups, int subgroupSize, int rows) {
    List<CoopShape> shapes = new ArrayList<>();
    if (bySubgroups) {
      shapes.add(new CoopShape(CoopShape.Scope.SUBGROUP, 0, DType.F16, DType.F32, rows, 16, 16));
    }
    if (byWorkgroups) {
      for (int[] s : new int[][] {{64, 16, 16, 16}, {128, 32, 16, 16}, {256, 32, 32, 16}}) {
        shapes.add(
            new CoopShape(CoopShape.Scope.WORKGROUP, s[0], DType.F16, DType.F32, s[1], s[2], s[3]));
      }
    }
    return new DeviceProfile(
        "fake",
        1.85,
        65e6,
        3.5e6,
        Optional.of(
            new DeviceProfile.Gpu(
                subgroupSize, 48 << 10, 1024, 65_535, 1L << 30, false, shapes, 132)));
  }

  private static Graph block(boolean training, int width, int inner) {
    var g = new GraphBuilder();
    Initializer initializer = new Initializer.Normal(0.3);
    Node x = g.input("x", DType.F32, ROWS, width);
    Node labels = g.input("labels", DType.I64, ROWS);
    Node stream = attention(g, Nn.project(g, "first", x, width, initializer), initializer);
    for (int layer = 0; layer < 2; layer++) {
      Node normed = Nn.rmsNorm(g, "norm" + layer, stream, 1e-5);
      Node out = Nn.gatedFeedForward(g, "mlp" + layer, normed, inner, initializer);
      stream = g.add(stream, out);
    }
    Node last = Nn.rmsNorm(g, "last", stream, 1e-5);
    Node logits = g.output("logits", Nn.project(g, "head", last, width, initializer));
    return training ? g.build(g.crossEntropy(logits, labels)) : g.build();
  }

  /// Attention of four heads that share two of keys, on the residual stream.
  private static Node attention(GraphBuilder g, Node stream, Initializer initializer) {
    Node all = Nn.project(g, "qkv", stream, 8 * HEAD_DIM, initializer);
    RotaryTable table = RotaryTable.of(g, Nn.positions(g, ROWS), HEAD_DIM, 1e4);
    Node results =
        g.add(
            new Attention.Attend(0.25, Attention.Mask.CAUSAL),
            table.apply(g, heads(g, all, 0, 4)),
            table.apply(g, heads(g, all, 4, 2)),
            heads(g, all, 6, 2));
    Node turned = g.transpose(g.project(results, 0), 0, 2, 1, 3);
    Node mixed = g.reshape(turned, ROWS, 4 * HEAD_DIM);
    return g.add(stream, Nn.project(g, "mixed", mixed, stream.shape().dim(1), initializer));
  }

  private static Node heads(GraphBuilder g, Node all, int first, int count) {
    Node part = g.slice(all, 1, first * HEAD_DIM, count * HEAD_DIM);
    return g.transpose(g.reshape(part, 1, ROWS, count, HEAD_DIM), 0, 2, 1, 3);
  }

  private static ExecutionPlan plan(boolean training, DeviceProfile profile, int width, int inner) {
    var optimizer = new Optimizer(RooflineCosts.of(profile), Set.of(), _ -> {});
    Graph graph = optimizer.run(block(training, width, inner), RuleSet.RAISE);
    if (training) {
      graph = Sgd.of(0.1).step(graph, Seed.STATE);
    }
    graph = ConstantTables.fold(optimizer.run(graph, RuleSet.LOWER));
    graph = HalfFactors.round(graph, Seed.gradients(graph), Precision.TF32.firstScale(profile));
    return Planner.plan(graph, profile, VulkanSchedule.ALL, _ -> true);
  }

  private static List<Layout> layouts(List<View> views) {
    return views.stream().map(View::layout).toList();
  }

  private static Set<Shader> shaders(ExecutionPlan plan, DeviceProfile profile) {
    Set<Shader> shaders = new LinkedHashSet<>();
    for (Step step : plan.levels().stream().flatMap(List::stream).toList()) {
      ((VulkanSchedule) step.schedule())
          .write(
              step.spec(),
              VulkanSchedule.places(
                  step.spec().operands(), layouts(step.operands()), Slot.Operand::new),
              VulkanSchedule.places(
                  step.spec().results(), layouts(step.results()), Slot.Result::new),
              profile.gpu().orElseThrow())
          .stages()
          .forEach(stage -> shaders.add(stage.shader()));
    }
    return shaders;
  }

  private static Set<String> schedules(ExecutionPlan plan, Predicate<KernelSpec> which) {
    return plan.levels().stream()
        .flatMap(List::stream)
        .filter(step -> which.test(step.spec()))
        .map(step -> step.schedule().name())
        .collect(Collectors.toSet());
  }

  private static Set<String> products(ExecutionPlan plan) {
    return schedules(
        plan, spec -> spec instanceof KernelSpec.Contract || spec instanceof KernelSpec.Joined);
  }

  private static Set<String> attentions(ExecutionPlan plan) {
    return schedules(
        plan,
        spec ->
            spec instanceof KernelSpec.Direct direct
                && (direct.op() instanceof Attention.Attend
                    || direct.op() instanceof Attention.AttendGrad));
  }

  /// Widths that tiles divide, and others, whose edges are clamped.
  @ParameterizedTest
  @EnumSource
  void everyKernelForMatrixUnitsCompiles(Fake fake) {
    DeviceProfile profile = fake.profile();
    Set<Shader> shaders = new LinkedHashSet<>();
    for (int[] widths : new int[][] {{64, 192}, {72, 200}}) {
      for (boolean training : new boolean[] {false, true}) {
        shaders.addAll(shaders(plan(training, profile, widths[0], widths[1]), profile));
      }
    }
    assertTrue(shaders.stream().anyMatch(each -> each.source().contains("coopMatMulAdd")));
    try (SpirvValidator validator = new SpirvValidator()) {
      shaders.forEach(validator::check);
    }
  }

  @Test
  void schedulesSayWhetherTheyUseMatrixUnits() {
    for (VulkanSchedule schedule : VulkanSchedule.ALL) {
      String name = schedule.name();
      boolean expected = name.startsWith("matrix units") || name.startsWith("fragments");
      assertEquals(expected, schedule.usesMatrixUnits(), name);
    }
  }

  @ParameterizedTest
  @EnumSource
  void theKernelThatMeasuresMatrixUnitsCompiles(Fake fake) {
    MatrixPeak peak = MatrixPeak.of(fake.profile().gpu().orElseThrow()).orElseThrow();
    assertTrue(peak.shader().source().contains(fake.byWorkgroups ? "Workgroup" : "Subgroup"));
    try (SpirvValidator validator = new SpirvValidator()) {
      validator.check(peak.shader());
    }
    assertEquals(Optional.empty(), MatrixPeak.of(profile(false, false).gpu().orElseThrow()));
  }

  /// Where no validator knows matrices, this says so.
  @Test
  void theValidatorSeesAKernelThatIsWrong() {
    SpirvValidator.whyMatricesAreNot().ifPresent(Assumptions::abort);
    DeviceProfile profile = Fake.NVIDIA.profile();
    try (SpirvValidator validator = new SpirvValidator()) {
      Shader kernel =
          shaders(plan(false, profile, 64, 192), profile).stream()
              .filter(each -> each.source().contains("coopMatMulAdd"))
              .findFirst()
              .orElseThrow();
      assertTrue(validator.refusesWithoutEnd(kernel));
    }
  }

  @Test
  void aLayerIsComputedInJoinedKernels() {
    DeviceProfile profile = profile(true, true);
    for (boolean training : new boolean[] {false, true}) {
      assertEquals(
          Set.of(
              "matrix units",
              "matrix units, norm",
              "matrix units, pairs",
              "matrix units, rotary",
              "matrix units, values"),
          products(plan(training, profile, 64, 192)));
    }
  }

  @Test
  void devicesWithMatrixUnitsOfSubgroupsUseThose() {
    // Where the depth is short, tiles without matrix units may be predicted to be as fast.
    assertEquals(
        Set.of("fragments", "tiles"), products(plan(false, profile(false, true), 64, 192)));
  }

  /// In training and without, forward and back.
  @ParameterizedTest
  @EnumSource
  void attentionOfHalvesIsComputedByMatrixUnits(Fake fake) {
    for (boolean training : new boolean[] {false, true}) {
      assertEquals(
          Set.of(fake.byWorkgroups ? "matrix units, attention" : "fragments, attention"),
          attentions(plan(training, fake.profile(), 64, 192)));
    }
  }

  /// The widest vectors that there are, and one block of keys and several.
  @ParameterizedTest
  @EnumSource
  void sharedMemoryIsNotExceeded(Fake fake) {
    DeviceProfile.Gpu gpu = fake.profile().gpu().orElseThrow();
    VulkanSchedule schedule = new FragmentAttentionSchedule();
    for (int width : new int[] {16, 64, 128}) {
      for (int keys : new int[] {16, 128, 1500}) {
        int[] c = {1, 6, 3, keys, keys, width};
        for (KernelSpec spec : ShaderTextTest.attentions(c, DType.F16)) {
          List<Layout> from = ShaderTextTest.dense(spec.operands());
          List<Layout> to = ShaderTextTest.dense(spec.results());
          assertTrue(schedule.offer(spec, from, to, fake.profile()).isPresent(), spec::toString);
          List<Place> operands = VulkanSchedule.places(spec.operands(), from, Slot.Operand::new);
          List<Place> results = VulkanSchedule.places(spec.results(), to, Slot.Result::new);
          for (Stage stage : schedule.write(spec, operands, results, gpu).stages()) {
            int bytes = ShaderTextTest.sharedBytes(stage.shader().source());
            assertTrue(bytes > 4096 && bytes <= gpu.sharedBytes(), () -> bytes + " of " + spec);
          }
        }
      }
    }
  }

  @Test
  void devicesWithoutMatrixUnitsMultiplyInSinglePrecision() {
    assertEquals(false, Precision.TF32.usesHalves(profile(false, false)));
    assertEquals(1, Precision.TF32.firstScale(profile(false, false)));
    assertEquals(true, Precision.TF32.usesHalves(profile(false, true)));
    assertEquals(false, Precision.FP32.usesHalves(profile(true, true)));
  }

  /// Mesa 26's lavapipe, for example.
  @Test
  void matrixUnitsOfACpuAreNotUsed() {
    DeviceProfile fast = profile(false, true);
    DeviceProfile.Gpu gpu = fast.gpu().orElseThrow();
    var onCpu =
        new DeviceProfile.Gpu(
            8, 32 << 10, 256, 65_535, gpu.storageBytes(), true, gpu.coopShapes(), 2);
    DeviceProfile slow = new DeviceProfile("lavapipe", 15, 110_000, 8_000, Optional.of(onCpu));
    assertEquals(false, Precision.TF32.usesHalves(slow));
    assertEquals(Optional.empty(), FragmentTile.shape(onCpu));
    assertEquals(true, FragmentTile.shape(gpu).isPresent());
  }

  @Test
  void joinedKernelsAreNotOfferedElsewhere() {
    DeviceProfile profile = profile(true, true);
    Step joined =
        plan(false, profile, 64, 192).levels().stream()
            .flatMap(List::stream)
            .filter(step -> step.spec() instanceof KernelSpec.Joined)
            .findFirst()
            .orElseThrow();
    List<Schedule> takers = new ArrayList<>();
    for (VulkanSchedule schedule : VulkanSchedule.ALL) {
      schedule
          .offer(
              joined.spec(),
              layouts(joined.operands()),
              layouts(joined.results()),
              profile(false, true))
          .ifPresent(_ -> takers.add(schedule));
    }
    assertEquals(List.of(), takers);
  }
}
