package io.griffinfly.engine.plan;

import io.griffinfly.engine.ir.ScalarExpr;
import io.griffinfly.engine.ir.Shape;
import io.griffinfly.engine.ir.TensorType;
import io.griffinfly.engine.kernel.KernelSpec;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Updates of small states of equal extents as one kernel, such as those of all norms' weights: a
/// dispatch costs a GPU more than what one of them computes. (PyTorch's optimizers do the same and
/// call it multi-tensor apply.)
final class MultiTensorUpdates {
  /// Elements up to which an update takes no longer than its dispatch.
  private static final long SMALL = 1 << 15;

  /// Tensors that a kernel reads and writes together: what every desktop driver binds, MoltenVK's
  /// 31 included.
  private static final int MOST_TENSORS = 24;

  private final Maker maker;
  private final List<Step> done = new ArrayList<>();
  private final Map<Shape, List<Step>> open = new LinkedHashMap<>();

  private MultiTensorUpdates(Maker maker) {
    this.maker = maker;
  }

  /// Makes steps.
  @FunctionalInterface
  interface Maker {
    /// The step that computes a spec.
    Step step(KernelSpec spec, List<View> operands, List<View> results);
  }

  /// Puts steps together.
  ///
  /// @param updates steps that do not disturb each other ([InPlace])
  /// @return steps that do the same
  static List<Step> of(List<Step> updates, Maker maker) {
    MultiTensorUpdates together = new MultiTensorUpdates(maker);
    updates.forEach(together::add);
    List.copyOf(together.open.keySet()).forEach(together::close);
    return List.copyOf(together.done);
  }

  private void add(Step step) {
    if (!(step.spec() instanceof KernelSpec.Pointwise pointwise)
        || pointwise.domain().size() > SMALL) {
      done.add(step);
      return;
    }
    List<Step> more = new ArrayList<>(group(pointwise.domain()));
    more.add(step);
    if (tensors(more) > MOST_TENSORS || operations(more) > Fusion.MAX_OPERATIONS) {
      close(pointwise.domain());
    }
    open.computeIfAbsent(pointwise.domain(), _ -> new ArrayList<>()).add(step);
  }

  private List<Step> group(Shape domain) {
    return open.getOrDefault(domain, List.of());
  }

  private static int tensors(List<Step> steps) {
    return operands(steps).size() + steps.stream().mapToInt(step -> step.results().size()).sum();
  }

  private static List<View> operands(List<Step> steps) {
    return steps.stream().flatMap(step -> step.operands().stream()).distinct().toList();
  }

  private static int operations(List<Step> steps) {
    return steps.stream()
        .flatMap(step -> ((KernelSpec.Pointwise) step.spec()).expressions().stream())
        .mapToInt(ScalarExpr::operations)
        .sum();
  }

  private void close(Shape domain) {
    List<Step> steps = group(domain);
    open.remove(domain);
    if (steps.size() == 1) {
      done.addAll(steps);
    } else if (!steps.isEmpty()) {
      done.add(together(domain, steps));
    }
  }

  private Step together(Shape domain, List<Step> steps) {
    List<View> operands = operands(steps);
    List<ScalarExpr> expressions = new ArrayList<>();
    List<View> results = new ArrayList<>();
    for (Step step : steps) {
      List<ScalarExpr> numbers = new ArrayList<>();
      step.operands().forEach(view -> numbers.add(new ScalarExpr.Arg(operands.indexOf(view))));
      ((KernelSpec.Pointwise) step.spec())
          .expressions()
          .forEach(expression -> expressions.add(expression.substitute(numbers)));
      results.addAll(step.results());
    }
    List<TensorType> read = operands.stream().map(View::type).toList();
    List<TensorType> written = results.stream().map(View::type).toList();
    return maker.step(
        new KernelSpec.Pointwise(domain, expressions, read, written), operands, results);
  }
}
