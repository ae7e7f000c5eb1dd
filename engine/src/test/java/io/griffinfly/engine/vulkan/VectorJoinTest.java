package io.griffinfly.engine.vulkan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.griffinfly.engine.device.DeviceProfile;
import io.griffinfly.engine.grad.Seed;
import io.griffinfly.engine.ir.Attention;
import io.griffinfly.engine.ir.DType;
import io.griffinfly.engine.ir.Graph;
import io.griffinfly.engine.ir.GraphBuilder;
import io.griffinfly.engine.ir.Initializer;
import io.griffinfly.engine.ir.Node;
import io.griffinfly.engine.ir.Norm;
import io.griffinfly.engine.ir.ScalarFn;
import io.griffinfly.engine.kernel.KernelSpec;
import io.griffinfly.engine.kernel.Schedule;
import io.griffinfly.engine.nn.Heads;
import io.griffinfly.engine.nn.Nn;
import io.griffinfly.engine.nn.RotaryTable;
import io.griffinfly.engine.opt.ConstantTables;
import io.griffinfly.engine.opt.HalfFactors;
import io.griffinfly.engine.opt.Optimizer;
import io.griffinfly.engine.opt.RooflineCosts;
import io.griffinfly.engine.opt.RuleSet;
import io.griffinfly.engine.plan.ExecutionPlan;
import io.griffinfly.engine.plan.Planner;
import io.griffinfly.engine.plan.Step;
import io.griffinfly.engine.plan.View;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Which norms, gates and rotary embeddings products of a few rows take along. What the kernels
/// compute is what `VectorJoinKernelTest` and `FewRowsTest` compare.
class VectorJoinTest {
  private static final int LAYERS = 3;
  private static final int WIDTH = 64;
  private static final int HEAD = 16;
  private static final Initializer NORMAL = new Initializer.Normal(0.3);
  private static final DeviceProfile GPU = ShaderTextTest.Fake.NVIDIA.profile();

  /// Two products a layer with a norm in front of each, the second of a gate and of what it gates,
  /// and a product with a norm behind all layers: as a language model, without its attention.
  private static Graph model(int rows, boolean halves) {
    var g = new GraphBuilder();
    Node stream = g.input("x", DType.F32, rows, WIDTH);
    for (int layer = 0; layer < LAYERS; layer++) {
      Node first = Nn.rmsNorm(g, "first" + layer, stream, 1e-5);
      stream = g.add(stream, Nn.project(g, "mixed" + layer, first, WIDTH, NORMAL));
      Node second = Nn.rmsNorm(g, "second" + layer, stream, 1e-5);
      stream = g.add(stream, Nn.gatedFeedForward(g, "mlp" + layer, second, 96, NORMAL));
    }
    Node last = Nn.rmsNorm(g, "last", stream, 1e-5);
    g.output("logits", Nn.project(g, "head", last, 100, NORMAL));
    return optimized(g, halves);
  }

  /// Attention alone, a norm in front of each: heads of queries and keys are turned.
  ///
  /// @param values columns of the values
  private static Graph attention(int rows, int values, boolean halves) {
    var g = new GraphBuilder();
    Node stream = g.input("x", DType.F32, rows, WIDTH);
    RotaryTable table = RotaryTable.of(g, Nn.positions(g, rows), HEAD, 1e4);
    for (int layer = 0; layer < LAYERS; layer++) {
      Node normed = Nn.rmsNorm(g, "norm" + layer, stream, 1e-5);
      Node all = Nn.project(g, "qkv" + layer, normed, 3 * HEAD + values, NORMAL);
      Node query = table.apply(g, Heads.split(g, g.slice(all, 1, 0, 2 * HEAD), 1, 2));
      Node key = table.apply(g, Heads.split(g, g.slice(all, 1, 2 * HEAD, HEAD), 1, 1));
      Node value = Heads.split(g, g.slice(all, 1, 3 * HEAD, values), 1, 1);
      Node mixed = Heads.merge(g, Heads.attend(g, query, key, value, 0.25, true));
      stream = g.add(stream, Nn.project(g, "out" + layer, mixed, WIDTH, NORMAL));
    }
    g.output("stream", stream);
    return optimized(g, halves);
  }

  private static Graph optimized(GraphBuilder g, boolean halves) {
    var optimizer = new Optimizer(RooflineCosts.of(GPU), Set.of(), _ -> {});
    Graph graph = optimizer.run(optimizer.run(g.build(), RuleSet.RAISE), RuleSet.LOWER);
    graph = ConstantTables.fold(graph);
    return halves ? HalfFactors.round(graph, Seed.gradients(graph), 1) : graph;
  }

  private static ExecutionPlan plan(Graph graph, DeviceProfile profile) {
    return Planner.plan(graph, profile, VulkanSchedule.ALL, _ -> true);
  }

  private static List<Step> steps(ExecutionPlan plan) {
    return plan.levels().stream().flatMap(List::stream).toList();
  }

  private static long norms(ExecutionPlan plan) {
    return steps(plan).stream()
        .filter(
            step -> step.spec() instanceof KernelSpec.Direct direct && direct.op() instanceof Norm)
        .count();
  }

  private static long rotaries(ExecutionPlan plan) {
    return steps(plan).stream()
        .filter(step ->
            step.spec() instanceof KernelSpec.Direct direct
                && direct.op() instanceof Attention.Rotary)
        .count();
  }

  private static List<Step> joined(ExecutionPlan plan) {
    return steps(plan).stream().filter(step -> step.spec() instanceof KernelSpec.Joined).toList();
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aTokenTakesOneLevelAProduct(boolean halves) {
    Graph graph = model(1, halves);
    List<? extends Schedule> others =
        VulkanSchedule.ALL.stream().filter(each -> !(each instanceof VectorJoinSchedule)).toList();
    ExecutionPlan apart = Planner.plan(graph, GPU, others, _ -> true);
    assertEquals(6 * LAYERS + 2, apart.levels().size());
    ExecutionPlan together = plan(graph, GPU);
    assertEquals(3 * LAYERS + 1, together.levels().size());
    assertEquals(3 * LAYERS + 1, steps(together).size());
    assertEquals(2 * LAYERS + 1, joined(together).size());
    joined(together)
        .forEach(step -> {
          assertEquals("vectors, joined", step.schedule().name());
          assertTrue(step.spec() instanceof KernelSpec.AfterNorm, step::toString);
        });
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void headsAreTurnedWhereTheyAreMultiplied(boolean halves) {
    ExecutionPlan plan = plan(attention(1, HEAD, halves), GPU);
    assertEquals(0, norms(plan));
    assertEquals(0, rotaries(plan));
    assertEquals(3 * LAYERS, plan.levels().size());
    assertEquals(LAYERS, joined(plan).size());
    for (Step step : joined(plan)) {
      assertTrue(step.spec() instanceof KernelSpec.AfterNorm, step::toString);
      KernelSpec.OfRows then = ((KernelSpec.AfterNorm) step.spec()).then();
      assertTrue(then instanceof KernelSpec.Rotated, step::toString);
      assertEquals(halves ? DType.F16 : DType.F32, step.results().getFirst().type().dtype());
    }
  }

  @Test
  void columnsThatAreNoHeadsLeaveThoseInFrontUnturned() {
    ExecutionPlan plan = plan(attention(1, HEAD + 4, false), GPU);
    assertEquals(0, norms(plan));
    assertEquals(2 * LAYERS, rotaries(plan));
    assertEquals(4 * LAYERS, plan.levels().size());
  }

  @Test
  void manyRowsAndDevicesThatRefuseLeaveNothingOut() {
    for (ExecutionPlan plan :
        List.of(
            plan(model(9, false), GPU),
            plan(model(1, false), ShaderTextTest.Fake.LAVAPIPE_256.profile()))) {
      assertEquals(List.of(), joined(plan));
      assertEquals(2 * LAYERS + 1, norms(plan));
      assertEquals(6 * LAYERS + 2, plan.levels().size());
    }
  }

  @ParameterizedTest
  @EnumSource
  void everyKernelIsValid(ShaderTextTest.Fake fake) {
    DeviceProfile profile = fake.profile();
    DeviceProfile.Gpu gpu = profile.gpu().orElseThrow();
    try (SpirvValidator validator = new SpirvValidator()) {
      for (int rows : new int[] {1, 3, 8}) {
        for (boolean halves : new boolean[] {false, true}) {
          List<Step> joined = new ArrayList<>(joined(plan(model(rows, halves), profile)));
          joined.addAll(joined(plan(attention(rows, HEAD, halves), profile)));
          assertEquals(gpu.onCpu(), joined.isEmpty(), fake::toString);
          for (Step step : joined) {
            Shader shader = shader(step, gpu);
            validator.check(shader);
            int bytes = ShaderTextTest.sharedBytes(shader.source());
            assertTrue(bytes <= gpu.sharedBytes(), () -> bytes + " bytes on " + fake);
          }
        }
      }
    }
  }

  private static Shader shader(Step step, DeviceProfile.Gpu gpu) {
    KernelSpec spec = step.spec();
    return ((VulkanSchedule) step.schedule())
        .write(
            spec,
            VulkanSchedule.places(
                spec.operands(),
                step.operands().stream().map(View::layout).toList(),
                Slot.Operand::new),
            VulkanSchedule.places(
                spec.results(),
                step.results().stream().map(View::layout).toList(),
                Slot.Result::new),
            gpu)
        .stages()
        .getFirst()
        .shader();
  }

  /// The plan of a norm and a product, and of what else is made of them.
  private static ExecutionPlan plan(boolean isOutput, BiConsumer<GraphBuilder, Node> more) {
    var g = new GraphBuilder();
    Node x = g.input("x", DType.F32, 1, WIDTH);
    Node gain = g.parameter("gain", Initializer.ones(), WIDTH);
    Node normed = g.add(new Norm.RmsNorm(1e-5), x, gain);
    more.accept(g, normed);
    g.output("product", Nn.project(g, "product", normed, WIDTH, NORMAL));
    if (isOutput) {
      g.output("normed", normed);
    }
    return plan(g.build(), GPU);
  }

  @Test
  void aNormThatIsAnOutputIsStored() {
    assertEquals(0, norms(plan(false, (_, _) -> {})));
    assertEquals(1, norms(plan(true, (_, _) -> {})));
  }

  @Test
  void aNormThatIsReadOtherwiseIsStored() {
    ExecutionPlan plan =
        plan(false, (g, normed) -> g.output("absolute", g.map(ScalarFn.ABS, normed)));
    assertEquals(1, norms(plan));
    assertEquals(List.of(), joined(plan));
  }

  @Test
  void everyProductOfANormTakesItAlong() {
    ExecutionPlan plan =
        plan(false, (g, normed) -> g.output("other", Nn.project(g, "other", normed, 40, NORMAL)));
    assertEquals(0, norms(plan));
    assertEquals(2, joined(plan).size());
    assertEquals(1, plan.levels().size());
  }

  /// Whichever product comes first: what one takes along another may still need.
  @Test
  void aProductThatTakesNoNormFindsItStored() {
    for (boolean before : new boolean[] {false, true}) {
      var g = new GraphBuilder();
      Node x = g.input("x", DType.F32, 1, WIDTH);
      Node gain = g.parameter("gain", Initializer.ones(), WIDTH);
      Node normed = g.add(new Norm.RmsNorm(1e-5), x, gain);
      if (before) {
        g.output("along", Nn.project(g, "along", normed, WIDTH, NORMAL));
      }
      Node weight = g.parameter("across", NORMAL, WIDTH, WIDTH);
      g.output("across", g.matMul(normed, weight));
      if (!before) {
        g.output("along", Nn.project(g, "along", normed, WIDTH, NORMAL));
      }
      ExecutionPlan plan = plan(g.build(), GPU);
      assertEquals(1, norms(plan));
      assertEquals(before ? 1 : 0, joined(plan).size());
    }
  }

  @Test
  void aStateIsNotOverwrittenWhileItsNormIsRead() {
    var g = new GraphBuilder();
    Node stream = g.parameter("stream", NORMAL, 1, WIDTH);
    Node gain = g.parameter("gain", Initializer.ones(), WIDTH);
    Node normed = g.add(new Norm.RmsNorm(1e-5), stream, gain);
    g.assign(stream, g.add(stream, Nn.project(g, "product", normed, WIDTH, NORMAL)));
    var optimizer = new Optimizer(RooflineCosts.of(GPU), Set.of(), _ -> {});
    ExecutionPlan plan = plan(optimizer.run(g.build(), RuleSet.LOWER), GPU);
    Step step = joined(plan).getFirst();
    assertEquals(4, step.operands().size());
    assertFalse(step.results().getFirst().overlaps(step.operands().getFirst()));
  }
}
