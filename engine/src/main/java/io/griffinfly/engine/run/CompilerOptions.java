package io.griffinfly.engine.run;

import io.griffinfly.engine.opt.OptimizerReport;
import io.griffinfly.engine.opt.Precision;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// How a graph is compiled. Immutable.
///
/// @param optimize whether the optimizer rewrites the graph; without it every operation runs as it
///   stands
/// @param withoutRules names of optimizer rules that are switched off
/// @param step what adds the backward pass and the update, for training
/// @param precision how exact matrix products have to be
/// @param reports is told what each phase of the optimizer did
public record CompilerOptions(
    boolean optimize,
    Set<String> withoutRules,
    @Nullable StepBuilder step,
    Precision precision,
    Consumer<OptimizerReport> reports) {
  /// Copies the set.
  public CompilerOptions {
    withoutRules = Set.copyOf(withoutRules);
  }

  /// Everything on, for inference in single precision.
  ///
  /// @return the options
  public static CompilerOptions defaults() {
    return new CompilerOptions(true, Set.of(), null, Precision.FP32, _ -> {});
  }

  /// The same for training.
  ///
  /// @param builder what adds the backward pass and the update
  /// @return the options
  public CompilerOptions withStep(StepBuilder builder) {
    return new CompilerOptions(optimize, withoutRules, builder, precision, reports);
  }

  /// The same without the optimizer.
  ///
  /// @return the options
  public CompilerOptions withoutOptimizer() {
    return new CompilerOptions(false, withoutRules, step, precision, reports);
  }

  /// The same with some rules of the optimizer switched off.
  ///
  /// @param names the rules' names
  /// @return the options
  public CompilerOptions withoutRules(Set<String> names) {
    return new CompilerOptions(optimize, names, step, precision, reports);
  }

  /// The same with a listener.
  ///
  /// @param listener is told what each phase of the optimizer did
  /// @return the options
  public CompilerOptions withReports(Consumer<OptimizerReport> listener) {
    return new CompilerOptions(optimize, withoutRules, step, precision, listener);
  }

  /// The same in another precision.
  ///
  /// @param value how exact matrix products have to be
  /// @return the options
  public CompilerOptions withPrecision(Precision value) {
    return new CompilerOptions(optimize, withoutRules, step, value, reports);
  }
}
