package io.griffinfly.engine.vulkan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.griffinfly.engine.OpSamples;
import io.griffinfly.engine.device.DeviceProfile;
import io.griffinfly.engine.ir.Attention;
import io.griffinfly.engine.ir.DType;
import io.griffinfly.engine.ir.Graph;
import io.griffinfly.engine.ir.GraphBuilder;
import io.griffinfly.engine.ir.Node;
import io.griffinfly.engine.ir.ScalarExpr;
import io.griffinfly.engine.ir.TensorType;
import io.griffinfly.engine.kernel.KernelSpec;
import io.griffinfly.engine.kernel.Layout;
import io.griffinfly.engine.kernel.Schedule;
import io.griffinfly.engine.plan.ExecutionPlan;
import io.griffinfly.engine.plan.Planner;
import io.griffinfly.engine.plan.Step;
import io.griffinfly.engine.plan.View;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
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
    INTEL_ARC(16, 64 << 10, false),
    APPLE(32, 32 << 10, false),
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
  void everyKernelIsValidForEveryKindOfDevice(Fake fake) {
    Set<Shader> shaders = shaders(fake);
    assertTrue(shaders.size() > 60, () -> shaders.size() + " kernels");
    int subgroup = fake.profile().gpu().orElseThrow().subgroupSize();
    try (SpirvValidator validator = new SpirvValidator()) {
      for (Shader shader : shaders) {
        validator.check(shader);
        assertTrue(shader.subgroupSize() == 0 || shader.subgroupSize() == subgroup);
        if (subgroup == 0) {
          assertTrue(!shader.source().contains("subgroup"), shader.source());
        }
      }
    }
  }

  /// Batch, query heads, key heads, queries, keys, width.
  private static final int[][] ATTENTIONS = {
    {1, 9, 3, 128, 128, 64},
    {1, 9, 3, 1, 1, 64},
    {1, 9, 3, 1, 128, 64},
    {1, 6, 6, 1500, 1500, 64},
    {2, 15, 5, 50, 66, 80},
    {1, 4, 4, 300, 300, 128},
    {1, 2, 1, 7, 9, 256},
  };

  /// The gradient of attention, and attention, whose operands are the first of the gradient's.
  static List<KernelSpec> attentions(int[] c, DType type) {
    TensorType q = TensorType.of(type, c[0], c[1], c[3], c[5]);
    TensorType k = TensorType.of(type, c[0], c[2], c[4], c[5]);
    TensorType logDenominators = TensorType.of(DType.F32, c[0], c[1], c[3]);
    List<TensorType> all = List.of(q, k, k, q, logDenominators, q);
    Attention.Mask mask = Attention.Mask.CAUSAL;
    return List.of(
        new KernelSpec.Direct(new Attention.AttendGrad(0.125, mask), all, List.of(q, k, k)),
        new KernelSpec.Direct(
            new Attention.Attend(0.125, mask), all.subList(0, 3), List.of(q, logDenominators)));
  }

  static List<Layout> dense(List<TensorType> types) {
    return types.stream().map(type -> Layout.dense(type.shape())).toList();
  }

  @ParameterizedTest
  @EnumSource
  void attentionIsWrittenForEveryGpu(Fake fake) {
    DeviceProfile.Gpu gpu = fake.profile().gpu().orElseThrow();
    VulkanSchedule schedule = new AttentionSchedule();
    try (SpirvValidator validator = new SpirvValidator()) {
      for (int[] c : ATTENTIONS) {
        for (KernelSpec spec : attentions(c, c[0] == 1 ? DType.F32 : DType.F16)) {
          List<Layout> from = dense(spec.operands());
          List<Layout> to = dense(spec.results());
          Optional<Schedule.Offer> offer = schedule.offer(spec, from, to, fake.profile());
          assertEquals(!gpu.onCpu(), offer.isPresent(), () -> fake + " " + spec);
          if (offer.isEmpty()) {
            continue;
          }
          assertEquals(0, offer.get().workspaceBytes());
          List<Place> operands = VulkanSchedule.places(spec.operands(), from, Slot.Operand::new);
          List<Place> results = VulkanSchedule.places(spec.results(), to, Slot.Result::new);
          for (Stage stage : schedule.write(spec, operands, results, gpu).stages()) {
            String source = stage.shader().source();
            validator.check(stage.shader());
            assertTrue(sharedBytes(source) <= gpu.sharedBytes(), () -> fake + " " + spec);
            assertTrue(gpu.subgroupSize() > 0 || !source.contains("subgroup"), source);
          }
        }
      }
    }
  }

  /// The shared memory that a kernel of floats and vectors declares.
  static int sharedBytes(String source) {
    return Pattern.compile("shared (float|u?vec4) \\w+\\[(\\d+)];")
        .matcher(source)
        .results()
        .mapToInt(
            found -> Integer.parseInt(found.group(2)) * (found.group(1).equals("float") ? 4 : 16))
        .sum();
  }

  @Test
  void attentionKeepsALargeGpuBusyAndIsTakenThere() {
    DeviceProfile.Gpu gpu =
        new DeviceProfile.Gpu(32, 48 << 10, 1024, 65_535, 1L << 31, false, List.of(), 132);
    DeviceProfile nvidia = new DeviceProfile("NVIDIA", 1.9, 65e6, 3.5e6, Optional.of(gpu));
    for (KernelSpec spec : attentions(ATTENTIONS[0], DType.F32)) {
      List<Layout> from = dense(spec.operands());
      List<Layout> to = dense(spec.results());
      List<Place> operands = VulkanSchedule.places(spec.operands(), from, Slot.Operand::new);
      List<Place> results = VulkanSchedule.places(spec.results(), to, Slot.Result::new);
      VulkanSchedule attention = new AttentionSchedule();
      Optional<Schedule.Offer> offer = attention.offer(spec, from, to, nvidia);
      double other = new GeneralSchedule().offer(spec, from, to, nvidia).orElseThrow().micros();
      assertTrue(offer.orElseThrow().micros() < other);
      attention.write(spec, operands, results, gpu).stages().stream()
          .mapToLong(Stage::workgroups)
          .forEach(workgroups -> assertTrue(workgroups >= 96, () -> workgroups + " workgroups"));
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
