package io.griffinfly.engine.vulkan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.griffinfly.engine.OpSamples;
import io.griffinfly.engine.device.DeviceProfile;
import io.griffinfly.engine.ir.DType;
import io.griffinfly.engine.ir.Graph;
import io.griffinfly.engine.ir.GraphBuilder;
import io.griffinfly.engine.ir.Node;
import io.griffinfly.engine.ir.ScalarExpr;
import io.griffinfly.engine.ir.TensorType;
import io.griffinfly.engine.kernel.KernelSpec;
import io.griffinfly.engine.kernel.Layout;
import io.griffinfly.engine.plan.ExecutionPlan;
import io.griffinfly.engine.plan.Planner;
import io.griffinfly.engine.plan.Step;
import io.griffinfly.engine.plan.View;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// The text of kernels for devices that are not here.
class ShaderTextTest {
  /// Devices by what decides how a kernel is written.
  enum Fake {
    LAVAPIPE_256(8, 32 << 10, true),
    LAVAPIPE_512(16, 32 << 10, true),
    LAVAPIPE_128(4, 32 << 10, true),
    NVIDIA(32, 48 << 10, false),
    RDNA3(64, 64 << 10, false),
    ADRENO(128, 32 << 10, false),
    NO_SUBGROUPS(0, 16 << 10, false);

    private final int subgroupSize;
    private final int sharedBytes;
    private final boolean onCpu;

    Fake(int subgroupSize, int sharedBytes, boolean onCpu) {
      this.subgroupSize = subgroupSize;
      this.sharedBytes = sharedBytes;
      this.onCpu = onCpu;
    }

    DeviceProfile profile() {
      DeviceProfile.Gpu gpu =
          new DeviceProfile.Gpu(
              subgroupSize, sharedBytes, 256, 65_535, 1L << 27, onCpu, List.of(), 16);
      return new DeviceProfile(name(), 5, 1e6, 1e5, Optional.of(gpu));
    }
  }

  private static Set<Shader> shaders(Fake fake) {
    Set<Shader> shaders = new LinkedHashSet<>();
    for (OpSamples.Sample sample : OpSamples.of(DType.F32)) {
      Graph graph = graph(sample);
      // The one type that no kernel takes.
      if (graph.nodes().stream().anyMatch(ShaderTextTest::isDouble)) {
        continue;
      }
      ExecutionPlan plan = Planner.plan(graph, fake.profile(), VulkanSchedule.ALL, _ -> false);
      plan.levels().stream()
          .flatMap(List::stream)
          .forEach(step -> shaders(step, fake).forEach(shaders::add));
    }
    return shaders;
  }

  private static boolean isDouble(Node node) {
    return node.valueType() instanceof TensorType type && type.dtype() == DType.F64;
  }

  private static Graph graph(OpSamples.Sample sample) {
    var g = new GraphBuilder();
    List<Node> inputs = new ArrayList<>();
    for (OpSamples.Operand operand : sample.operands()) {
      inputs.add(
          g.input("x" + inputs.size(), operand.type().dtype(), operand.type().shape().dims()));
    }
    List<Node> results = sample.apply(g, inputs);
    for (int i = 0; i < results.size(); i++) {
      g.output("y" + i, results.get(i));
    }
    return g.build();
  }

  private static Stream<Shader> shaders(Step step, Fake fake) {
    VulkanSchedule schedule = (VulkanSchedule) step.schedule();
    return schedule
        .write(
            step.spec(),
            VulkanSchedule.places(
                step.spec().operands(), layouts(step.operands()), Slot.Operand::new),
            VulkanSchedule.places(step.spec().results(), layouts(step.results()), Slot.Result::new),
            fake.profile().gpu().orElseThrow())
        .stages()
        .stream()
        .map(Stage::shader);
  }

  private static List<Layout> layouts(List<View> views) {
    return views.stream().map(View::layout).toList();
  }

  @ParameterizedTest
  @EnumSource
  void everyKernelCompilesForEveryKindOfDevice(Fake fake) {
    Set<Shader> shaders = shaders(fake);
    assertTrue(shaders.size() > 60, () -> shaders.size() + " kernels");
    int subgroup = fake.profile().gpu().orElseThrow().subgroupSize();
    try (SpirvCompiler compiler = new SpirvCompiler()) {
      for (Shader shader : shaders) {
        assertTrue(compiler.compile(shader.source()).length > 0);
        assertTrue(shader.subgroupSize() == 0 || shader.subgroupSize() == subgroup);
        if (subgroup == 0) {
          assertTrue(!shader.source().contains("subgroup"), shader.source());
        }
      }
    }
  }

  private static Optional<String> schedule(DeviceProfile profile, int m, int n, int k) {
    TensorType left = TensorType.of(DType.F32, m, k);
    TensorType right = TensorType.of(DType.F32, n, k);
    TensorType result = TensorType.of(DType.F32, m, n);
    KernelSpec spec =
        new KernelSpec.Contract(
            false, true, new ScalarExpr.Arg(0), List.of(left, right), List.of(result));
    List<Layout> from = List.of(Layout.dense(left.shape()), Layout.dense(right.shape()));
    List<Layout> to = List.of(Layout.dense(result.shape()));
    return VulkanSchedule.ALL.stream()
        .filter(each -> each.offer(spec, from, to, profile).isPresent())
        .map(VulkanSchedule::name)
        .findFirst();
  }

  @Test
  void theScheduleFollowsTheDeviceAndTheShape() {
    assertEquals(Optional.of("texels"), schedule(Fake.LAVAPIPE_256.profile(), 128, 576, 1536));
    assertEquals(Optional.of("texels"), schedule(Fake.LAVAPIPE_256.profile(), 1, 3, 4));
    assertEquals(Optional.of("general"), schedule(Fake.LAVAPIPE_256.profile(), 128, 576, 1537));
    assertEquals(Optional.of("tiles"), schedule(Fake.NO_SUBGROUPS.profile(), 128, 576, 1536));
    assertEquals(Optional.of("tiles"), schedule(Fake.NVIDIA.profile(), 128, 576, 1537));
    assertEquals(Optional.of("vectors"), schedule(Fake.NVIDIA.profile(), 1, 576, 1536));
    assertEquals(Optional.of("vectors"), schedule(Fake.NO_SUBGROUPS.profile(), 8, 577, 3));
    assertEquals(Optional.of("tiles"), schedule(Fake.NVIDIA.profile(), 9, 576, 1536));
    assertEquals(Optional.empty(), schedule(new DeviceProfile("cpu", 1, 1, 1), 128, 576, 1536));
  }
}
