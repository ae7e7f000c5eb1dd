package io.griffinfly.engine.vulkan;

import io.griffinfly.engine.device.DeviceProfile;
import io.griffinfly.engine.ir.DType;
import io.griffinfly.engine.ir.ScalarExpr;
import io.griffinfly.engine.ir.TensorType;
import io.griffinfly.engine.kernel.KernelSpec;
import io.griffinfly.engine.kernel.Layout;
import io.griffinfly.engine.kernel.Schedule;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.IntFunction;

/// A schedule that can be written as compute shaders.
sealed interface VulkanSchedule extends Schedule
    permits AttentionSchedule,
        CoopAttentionSchedule,
        NormedSchedule,
        PairedSchedule,
        SpreadSchedule,
        RotatedSchedule,
        CoopSchedule,
        FragmentAttentionSchedule,
        FragmentSchedule,
        GeneralSchedule,
        TexelSchedule,
        TileSchedule,
        VectorJoinSchedule,
        VectorSchedule,
        WideSchedule {
  /// All of them, of equally fast ones the better first.
  List<VulkanSchedule> ALL =
      List.of(
          new TexelSchedule(),
          new VectorSchedule(),
          new VectorJoinSchedule(),
          new CoopSchedule(),
          new NormedSchedule(),
          new PairedSchedule(),
          new SpreadSchedule(),
          new RotatedSchedule(),
          new FragmentSchedule(),
          new TileSchedule(),
          new WideSchedule(),
          new CoopAttentionSchedule(),
          new FragmentAttentionSchedule(),
          new AttentionSchedule(),
          new GeneralSchedule());

  /// Writes the stages of a kernel for which the schedule makes an offer.
  ///
  /// @param spec what to compute
  /// @param operands what it reads
  /// @param results what it writes
  /// @param gpu the device
  Stages write(KernelSpec spec, List<Place> operands, List<Place> results, DeviceProfile.Gpu gpu);

  /// Places for tensors that lie as the plan says.
  static List<Place> places(List<TensorType> types, List<Layout> layouts, IntFunction<Slot> slot) {
    List<Place> places = new ArrayList<>();
    for (int i = 0; i < types.size(); i++) {
      places.add(new Place(slot.apply(i), types.get(i), layouts.get(i)));
    }
    return places;
  }

  /// The part of the device's profile that shaders are written by; empty if the spec is for another
  /// kind of device, or has a type or a size that no shader takes.
  static Optional<DeviceProfile.Gpu> accepts(
      KernelSpec spec, List<Layout> operands, List<Layout> results, DeviceProfile profile) {
    return profile
        .gpu()
        .filter(gpu ->
            fits(spec.operands(), operands, gpu)
                && fits(spec.results(), results, gpu)
                && expressions(spec).stream().noneMatch(VulkanSchedule::hasDouble));
  }

  private static List<ScalarExpr> expressions(KernelSpec spec) {
    return switch (spec) {
      case KernelSpec.Pointwise pointwise -> pointwise.expressions();
      case KernelSpec.Fold fold -> List.of(fold.prologue());
      case KernelSpec.Contract contract -> List.of(contract.epilogue());
      case KernelSpec.Normed normed -> List.of(normed.product().epilogue(), normed.also());
      case KernelSpec.Paired paired -> List.of(paired.expression());
      case KernelSpec.Spread spread -> spread.expressions();
      case KernelSpec.Rotated _ -> List.of();
      case KernelSpec.AfterNorm afterNorm -> expressions(afterNorm.then());
      case KernelSpec.Direct _ -> List.of();
    };
  }

  private static boolean hasDouble(ScalarExpr expression) {
    return switch (expression) {
      case ScalarExpr.Arg _, ScalarExpr.Scalar _ -> false;
      case ScalarExpr.Convert(DType to, ScalarExpr value) -> to == DType.F64 || hasDouble(value);
      case ScalarExpr.Apply(_, List<ScalarExpr> args) ->
          args.stream().anyMatch(VulkanSchedule::hasDouble);
    };
  }

  private static boolean fits(List<TensorType> types, List<Layout> layouts, DeviceProfile.Gpu gpu) {
    for (int i = 0; i < types.size(); i++) {
      TensorType type = types.get(i);
      long last = 0;
      for (int axis = 0; axis < type.shape().rank(); axis++) {
        last += Math.max(0, type.shape().dim(axis) - 1) * layouts.get(i).stride(axis);
      }
      // Positions are of 32 bits; the beginning of a binding may lie before the first element.
      boolean reaches =
          last < Integer.MAX_VALUE - 256
              && (last + 1) * type.dtype().bytes() + MemoryPool.ALIGNMENT <= gpu.storageBytes();
      if (type.dtype() == DType.F64 || !reaches || type.shape().size() > Integer.MAX_VALUE) {
        return false;
      }
    }
    return true;
  }
}
