package io.griffinfly.engine.run;

import io.griffinfly.engine.opt.OptimizerReport;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// How a graph is compiled. Immutable.
///
/// @param optimize whether the optimizer rewrites the graph; without it every operation runs as it
///   stands
/// @param withoutRules names of optimizer rules that are switched off
/// @param step what adds the backward pass and the update, for training
/// @param reports is told what each phase of the optimizer did
public record CompilerOptions(
    boolean optimize,
    Set<String> withoutRules,
    @Nullable StepBuilder step,
    Consumer<OptimizerReport> reports) {
  /// Copies the set.
  public CompilerOptions {
    withoutRules = Set.copyOf(withoutRules);
  }

  /// Everything on, for inference.
  ///
  /// @return the options
  public static CompilerOptions defaults() {
    return new CompilerOptions(true, Set.of(), null, _ -> {});
  }

  /// The same for training.
  ///
  /// @param builder what adds the backward pass and the update
  /// @return the options
  public CompilerOptions withStep(StepBuilder builder) {
    return new CompilerOptions(optimize, withoutRules, builder, reports);
  }

  /// The same without the optimizer.
  ///
  /// @return the options
  public CompilerOptions withoutOptimizer() {
    return new CompilerOptions(false, withoutRules, step, reports);
  }

  /// The same with some rules of the optimizer switched off.
  ///
  /// @param names the rules' names
  /// @return the options
  public CompilerOptions withoutRules(Set<String> names) {
    return new CompilerOptions(optimize, names, step, reports);
  }

  /// The same with a listener.
  ///
  /// @param listener is told what each phase of the optimizer did
  /// @return the options
  public CompilerOptions withReports(Consumer<OptimizerReport> listener) {
    return new CompilerOptions(optimize, withoutRules, step, listener);
  }
}
