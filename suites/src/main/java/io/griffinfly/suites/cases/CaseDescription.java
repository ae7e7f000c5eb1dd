package io.griffinfly.suites.cases;

import com.fasterxml.jackson.databind.JsonNode;
import io.griffinfly.engine.ir.Shape;
import io.griffinfly.suites.adapter.LossKind;
import io.griffinfly.suites.adapter.ProgramKind;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The `case.json` of a bundle, as far as the harness reads it.
///
/// @param schema `bench-case/1.0`
/// @param id names the case, such as `SmolLM2-135M@s128`
/// @param arch the family of models
/// @param hparams what an adapter builds the model from
/// @param weights the parameters
/// @param inputs the inputs
/// @param outputs the model's outputs by name
/// @param programs what is run on it
/// @param flops floating-point operations by program
/// @param tolerances by precision class, then by group of tensors
/// @param mutants deliberate faults that some check of the case catches
public record CaseDescription(
    String schema,
    String id,
    String arch,
    JsonNode hparams,
    Weights weights,
    Inputs inputs,
    Map<String, TensorSpec> outputs,
    List<Program> programs,
    @Nullable Map<String, Double> flops,
    Map<String, Map<String, Tolerance>> tolerances,
    @Nullable List<String> mutants) {
  /// The version that this code reads.
  static final String SCHEMA = "bench-case/1.0";

  /// The parameters.
  ///
  /// @param dtype their element type
  /// @param aliases further names of stored tensors
  /// @param source where they come from, such as `synthetic:ih12/seed=1`
  /// @param values number of all their elements
  /// @param tensors each by name
  public record Weights(
      String dtype,
      @Nullable Map<String, String> aliases,
      String source,
      long values,
      Map<String, TensorSpec> tensors) {}

  /// The inputs.
  ///
  /// @param sets number of input sets
  /// @param tensors each by name; those of set n > 0 end in `@n`
  public record Inputs(int sets, Map<String, TensorSpec> tensors) {}

  /// A tensor.
  ///
  /// @param dtype element type; null where the whole file has one
  /// @param shape extents
  /// @param kind how it is generated; null for outputs
  /// @param modulus how many different integers; null for others
  public record TensorSpec(
      @Nullable String dtype, List<Integer> shape, @Nullable String kind, @Nullable Long modulus) {
    /// The shape as the engine has it.
    ///
    /// @return extents
    public Shape extents() {
      return Shape.of(shape.stream().mapToInt(Integer::intValue).toArray());
    }
  }

  /// A computation on the case.
  ///
  /// @param name names its tensors and times
  /// @param kind what an iteration does
  /// @param loss which scalar; null for a forward program
  /// @param outputs model outputs that it returns
  /// @param inputs model input to tensor of set 0
  /// @param learningRate step size; null without an update
  /// @param steps number of updates; null without
  /// @param expected what comes back (an output, `loss`, `gradients`, `updates`) to a key of the
  ///   truth
  public record Program(
      String name,
      ProgramKind kind,
      @Nullable LossKind loss,
      List<String> outputs,
      Map<String, String> inputs,
      @Nullable Double learningRate,
      @Nullable Integer steps,
      Map<String, String> expected) {}

  /// How far from the truth a group of tensors may be.
  ///
  /// @param limit greatest relative L2 error that passes
  /// @param anchor the error of an accepted implementation
  /// @param mutantMin the least error of a wrong one; null if none reaches the group
  /// @param mutant that wrong one
  /// @param verifiable whether the two lie far enough apart to tell
  public record Tolerance(
      double limit,
      double anchor,
      @Nullable Double mutantMin,
      @Nullable String mutant,
      boolean verifiable) {}

  /// Name of a tensor in an input set.
  ///
  /// @param name its name in set 0
  /// @param set which set
  /// @return the name, with `@set` after it for every set but the first
  public static String inSet(String name, int set) {
    return set == 0 ? name : name + "@" + set;
  }
}
