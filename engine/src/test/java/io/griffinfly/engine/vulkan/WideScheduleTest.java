package io.griffinfly.engine.vulkan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.griffinfly.engine.device.DeviceProfile;
import io.griffinfly.engine.ir.DType;
import io.griffinfly.engine.ir.Gather;
import io.griffinfly.engine.ir.Loss;
import io.griffinfly.engine.ir.Norm;
import io.griffinfly.engine.ir.Op;
import io.griffinfly.engine.ir.ReduceFn;
import io.griffinfly.engine.ir.ScalarExpr;
import io.griffinfly.engine.ir.ScalarFn;
import io.griffinfly.engine.ir.Shape;
import io.griffinfly.engine.ir.ShapeRules;
import io.griffinfly.engine.ir.TensorType;
import io.griffinfly.engine.ir.ValueType;
import io.griffinfly.engine.kernel.KernelSpec;
import io.griffinfly.engine.kernel.Layout;
import io.griffinfly.engine.kernel.Schedule;
import io.griffinfly.engine.vulkan.ShaderTextTest.Fake;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Kernels of the sizes of SmolLM2.
class WideScheduleTest {
  private static final ScalarExpr X = new ScalarExpr.Arg(0);
  private static final ScalarExpr Y = new ScalarExpr.Arg(1);

  private static TensorType real(int... dims) {
    return TensorType.of(DType.F32, dims);
  }

  private static KernelSpec direct(Op op, TensorType... operands) {
    List<TensorType> types = List.of(operands);
    List<TensorType> results =
        switch (ShapeRules.infer(op, List.copyOf(types))) {
          case TensorType single -> List.of(single);
          case ValueType.Tuple(List<TensorType> elements) -> elements;
        };
    return new KernelSpec.Direct(op, types, results);
  }

  private static KernelSpec fold(Shape domain, int axis, int... result) {
    return new KernelSpec.Fold(
        ReduceFn.SUM,
        X,
        domain,
        List.of(axis),
        List.of(new TensorType(DType.F32, domain)),
        List.of(real(result)));
  }

  private static KernelSpec gated() {
    TensorType type = real(128, 1536);
    ScalarExpr gated = ScalarExpr.apply(ScalarFn.SWIGLU, X, Y);
    return new KernelSpec.Pointwise(
        type.shape(), List.of(gated), List.of(type, type), List.of(type));
  }

  private static final TensorType TOKENS = TensorType.of(DType.I64, 1, 128);

  private static final KernelSpec NORM =
      direct(new Norm.RmsNorm(1e-5), real(1, 128, 576), real(576));
  private static final KernelSpec NORM_GRADIENT =
      direct(new Norm.RmsNormGrad(1e-5), real(1, 128, 576), real(576), real(1, 128, 576));
  private static final KernelSpec LOSS =
      direct(new Loss.CrossEntropy(-100), real(1, 128, 49_152), TOKENS);
  private static final KernelSpec LOSS_GRADIENT =
      direct(new Loss.CrossEntropyGrad(-100), real(1, 128, 49_152), TOKENS, real(1, 128), real());
  private static final KernelSpec TAKE = direct(new Gather.Take(0), real(49_152, 576), TOKENS);
  private static final KernelSpec SCATTER =
      direct(new Gather.ScatterAdd(0, 49_152), TOKENS, real(1, 128, 576));

  private static final List<KernelSpec> SPECS =
      List.of(
          NORM,
          direct(new Norm.RmsNorm(1e-5), real(1, 1, 576), real(576)),
          NORM_GRADIENT,
          LOSS,
          LOSS_GRADIENT,
          TAKE,
          SCATTER,
          gated(),
          fold(Shape.of(128, 576), 1, 128),
          fold(Shape.of(128, 576), 0, 576),
          fold(Shape.of(49_152, 576), 0, 576));

  private static List<Layout> dense(List<TensorType> types) {
    return types.stream().map(type -> Layout.dense(type.shape())).toList();
  }

  /// The schedule that a plan takes.
  private static VulkanSchedule chosen(KernelSpec spec, DeviceProfile profile) {
    record Choice(VulkanSchedule schedule, Schedule.Offer offer) {}
    List<Choice> choices = new ArrayList<>();
    for (VulkanSchedule schedule : VulkanSchedule.ALL) {
      schedule
          .offer(spec, dense(spec.operands()), dense(spec.results()), profile)
          .ifPresent(offer -> choices.add(new Choice(schedule, offer)));
    }
    return choices.stream()
        .min(Comparator.comparingDouble(choice -> choice.offer.micros()))
        .orElseThrow()
        .schedule();
  }

  private static List<Stage> stages(KernelSpec spec, DeviceProfile profile) {
    return chosen(spec, profile)
        .write(
            spec,
            VulkanSchedule.places(spec.operands(), dense(spec.operands()), Slot.Operand::new),
            VulkanSchedule.places(spec.results(), dense(spec.results()), Slot.Result::new),
            profile.gpu().orElseThrow())
        .stages();
  }

  @ParameterizedTest
  @EnumSource
  void gpusTakeThemAndEveryKernelCompiles(Fake fake) {
    DeviceProfile profile = fake.profile();
    DeviceProfile.Gpu gpu = profile.gpu().orElseThrow();
    try (SpirvCompiler compiler = new SpirvCompiler()) {
      for (KernelSpec spec : SPECS) {
        String name = chosen(spec, profile).name();
        assertEquals(gpu.onCpu() ? "general" : "wide", name, spec.label());
        for (Stage stage : stages(spec, profile)) {
          String text = stage.shader().source();
          assertTrue(compiler.compile(text).length > 0);
          int lanes = numbers(text, "local_size_x = (\\d+)").getFirst();
          assertTrue(lanes <= gpu.workgroupLanes(), text);
          assertEquals(0, stage.shader().subgroupSize() == 0 ? 0 : lanes % gpu.subgroupSize());
          int floats = numbers(text, "shared \\w+ \\w+\\[(\\d+)]").stream().mapToInt(n -> n).sum();
          int widest = text.contains("shared vec4") ? 4 : 1;
          assertTrue(floats * widest * Float.BYTES <= gpu.sharedBytes(), text);
        }
      }
    }
  }

  private static List<Integer> numbers(String text, String pattern) {
    return Pattern.compile(pattern)
        .matcher(text)
        .results()
        .map((MatchResult found) -> Integer.parseInt(found.group(1)))
        .toList();
  }

  private static List<Long> workgroups(KernelSpec spec) {
    return stages(spec, Fake.NVIDIA.profile()).stream().map(Stage::workgroups).toList();
  }

  /// A row a workgroup; what follows the first stage need not be waited for.
  @Test
  void fewStagesOfManyWorkgroups() {
    assertEquals(List.of(128L), workgroups(NORM));
    assertEquals(List.of(128L, 72L), workgroups(NORM_GRADIENT));
    assertEquals(List.of(128L, 1L), workgroups(LOSS));
    assertEquals(List.of(1536L), workgroups(LOSS_GRADIENT));
    assertEquals(List.of(144L), workgroups(TAKE));
    assertEquals(List.of(1024L), workgroups(SCATTER));
    assertEquals(List.of(384L), workgroups(gated()));
  }
}
