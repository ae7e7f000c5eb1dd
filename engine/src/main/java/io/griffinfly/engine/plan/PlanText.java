package io.griffinfly.engine.plan;

import io.griffinfly.engine.kernel.KernelSpec;
import java.util.List;
import java.util.stream.Collectors;

/// Prints steps.
final class PlanText {
  private PlanText() {}

  static void level(StringBuilder text, String heading, List<Step> level) {
    text.append(heading).append(":\n");
    for (Step step : level) {
      text.append("  ").append(name(step.spec())).append(views(step.operands())).append(" -> ");
      text.append(views(step.results())).append(" by ").append(step.schedule().name());
      step.workspace().ifPresent(view -> text.append(" in ").append(views(List.of(view))));
      text.append('\n');
    }
  }

  private static String name(KernelSpec spec) {
    return switch (spec) {
      case KernelSpec.Pointwise pointwise -> "pointwise " + pointwise.expressions();
      case KernelSpec.Fold fold -> "fold " + fold.fn() + " " + fold.prologue() + fold.axes();
      case KernelSpec.Contract contract ->
          "contract "
              + contract.m()
              + "x"
              + contract.n()
              + "x"
              + contract.k()
              + " "
              + contract.epilogue();
      case KernelSpec.Normed normed -> name(normed.product()) + " then " + normed.norm();
      case KernelSpec.Spread spread -> name(spread.product()) + " then " + spread.expressions();
      case KernelSpec.Rotated rotated -> name(rotated.product()) + " then Rotary";
      case KernelSpec.Paired paired -> name(paired.product()) + " then " + paired.expression();
      case KernelSpec.AfterNorm afterNorm -> afterNorm.norm() + " then " + name(afterNorm.then());
      case KernelSpec.Direct direct -> direct.op().toString();
    };
  }

  private static String views(List<View> views) {
    return views.stream()
        .map(view -> "#" + view.buffer() + ":" + view.type() + view.layout())
        .collect(Collectors.joining(", ", "(", ")"));
  }
}
