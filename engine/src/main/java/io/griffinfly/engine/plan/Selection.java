package io.griffinfly.engine.plan;

import io.griffinfly.engine.device.DeviceProfile;
import io.griffinfly.engine.kernel.KernelSpec;
import io.griffinfly.engine.kernel.Layout;
import io.griffinfly.engine.kernel.Schedule;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Takes for each kernel the schedule that predicts the shortest time; of equals the first.
final class Selection {
  private final List<? extends Schedule> schedules;
  private final DeviceProfile profile;

  /// A model repeats its layers: most kernels have been asked for before.
  private final Map<Kernel, Choice> known = new HashMap<>();

  /// Everything that a choice depends on.
  private record Kernel(KernelSpec spec, List<Layout> operands, List<Layout> results) {}

  Selection(List<? extends Schedule> schedules, DeviceProfile profile) {
    this.schedules = schedules;
    this.profile = profile;
  }

  /// A schedule and what it asks for.
  record Choice(Schedule schedule, Schedule.Offer offer) {}

  /// The choice for a kernel.
  ///
  /// @throws DeviceException if no schedule takes it
  Choice choose(KernelSpec spec, List<View> operands, List<View> results) {
    List<Layout> from = operands.stream().map(View::layout).toList();
    List<Layout> to = results.stream().map(View::layout).toList();
    return known.computeIfAbsent(new Kernel(spec, from, to), this::fastest);
  }

  /// Whether some schedule takes a kernel.
  boolean takes(KernelSpec spec, List<Layout> operands, List<Layout> results) {
    return schedules.stream()
        .anyMatch(each -> each.offer(spec, operands, results, profile).isPresent());
  }

  private Choice fastest(Kernel kernel) {
    KernelSpec spec = kernel.spec;
    Choice best = null;
    for (Schedule schedule : schedules) {
      Optional<Schedule.Offer> offer =
          schedule.offer(spec, kernel.operands, kernel.results, profile);
      if (offer.isPresent() && (best == null || offer.get().micros() < best.offer.micros())) {
        best = new Choice(schedule, offer.get());
      }
    }
    if (best == null) {
      throw new DeviceException(profile.name() + " has no schedule for " + spec.label());
    }
    return best;
  }
}
