package io.griffinfly.engine.plan;

import io.griffinfly.engine.kernel.KernelSpec;
import java.util.List;

/// One kernel of a plan with its operands.
///
/// @param spec what it computes
/// @param operands what it reads
/// @param results what it writes
public record Step(KernelSpec spec, List<View> operands, List<View> results) {
  /// Copies the lists.
  public Step {
    operands = List.copyOf(operands);
    results = List.copyOf(results);
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
