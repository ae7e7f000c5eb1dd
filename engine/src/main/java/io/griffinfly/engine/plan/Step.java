package io.griffinfly.engine.plan;

import io.griffinfly.engine.kernel.KernelSpec;
import io.griffinfly.engine.kernel.Schedule;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// One kernel of a plan with its operands.
///
/// @param spec what it computes
/// @param schedule how
/// @param operands what it reads
/// @param results what it writes
/// @param workspace memory for its own use, if the schedule asked for some
public record Step(
    KernelSpec spec,
    Schedule schedule,
    List<View> operands,
    List<View> results,
    Optional<View> workspace) {
  /// Copies the lists.
  public Step {
    operands = List.copyOf(operands);
    results = List.copyOf(results);
  }

  /// Everything that it touches.
  ///
  /// @return operands, results and workspace
  public List<View> views() {
    List<View> views = new ArrayList<>(operands);
    views.addAll(results);
    workspace.ifPresent(views::add);
    return views;
  }

  /// Whether this step must not run beside or before another that stands earlier: one of them
  /// writes what the other touches.
  ///
  /// @param earlier the other step
  /// @return true if the order matters
  public boolean conflicts(Step earlier) {
    for (View written : results) {
      if (touches(earlier.operands, written) || touches(earlier.results, written)) {
        return true;
      }
    }
    return operands.stream().anyMatch(read -> touches(earlier.results, read));
  }

  private static boolean touches(List<View> views, View view) {
    return views.stream().anyMatch(view::overlaps);
  }
}
