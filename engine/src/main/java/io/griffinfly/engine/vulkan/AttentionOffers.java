package io.griffinfly.engine.vulkan;

import io.griffinfly.engine.device.DeviceProfile;
import io.griffinfly.engine.ir.Attention;
import io.griffinfly.engine.kernel.KernelSpec;
import io.griffinfly.engine.kernel.Layout;
import io.griffinfly.engine.kernel.Schedule;
import io.griffinfly.engine.kernel.Work;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/// What the schedules of attention have in common: they offer a kernel where they can write it, in
/// one interval and without memory of its own.
///
/// @param forwardMicros microseconds that a workgroup of attention takes behind the launch, however
///   little it computes
/// @param gradientMicros the same of its gradient
/// @param slowdown how much longer the operations take than multiply-adds in single precision
/// @param writer writes the kernels
record AttentionOffers(
    double forwardMicros, double gradientMicros, double slowdown, Writer writer) {
  /// Writes the kernels of an operation.
  @FunctionalInterface
  interface Writer {
    /// What writes the stages; empty if they cannot be written.
    Optional<Supplier<List<Stage>>> of(
        Attention attention, List<Place> from, List<Place> to, DeviceProfile.Gpu gpu);
  }

  Optional<Schedule.Offer> offer(
      KernelSpec spec, List<Layout> operands, List<Layout> results, DeviceProfile profile) {
    if (!(spec instanceof KernelSpec.Direct(Attention attention, _, _))) {
      return Optional.empty();
    }
    return VulkanSchedule.accepts(spec, operands, results, profile)
        .flatMap(gpu ->
            writer.of(
                attention,
                VulkanSchedule.places(spec.operands(), operands, Slot.Operand::new),
                VulkanSchedule.places(spec.results(), results, Slot.Result::new),
                gpu))
        .map(_ -> {
          Work work = Work.of(spec);
          double arithmetic = slowdown * work.flops() / profile.flopsPerMicro();
          double memory = work.bytes() / profile.bytesPerMicro();
          double micros = chainMicros(attention) + Math.max(arithmetic, memory);
          return new Schedule.Offer(profile.launchMicros() + micros, 0);
        });
  }

  private double chainMicros(Attention attention) {
    return switch (attention) {
      case Attention.Rotary _ -> 0;
      case Attention.Attend _ -> forwardMicros;
      case Attention.AttendGrad _ -> gradientMicros;
    };
  }

  Stages write(KernelSpec spec, List<Place> operands, List<Place> results, DeviceProfile.Gpu gpu) {
    Attention attention = (Attention) ((KernelSpec.Direct) spec).op();
    return new Stages(writer.of(attention, operands, results, gpu).orElseThrow().get(), 0);
  }
}
