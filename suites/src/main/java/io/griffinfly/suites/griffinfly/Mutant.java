package io.griffinfly.suites.griffinfly;

import io.griffinfly.engine.ir.DType;
import io.griffinfly.engine.ir.Graph;
import io.griffinfly.engine.ir.Tensor;
import io.griffinfly.models.truth.CaseDefinition;
import io.griffinfly.suites.adapter.AdapterException;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// A fault committed on purpose, to see that the checks find it. It changes the case, the weights
/// or the graph before they are compiled; the engine itself has no part in it.
enum Mutant {
  /// No fault.
  NONE,
  /// Every weight is zero.
  ZERO_WEIGHTS,
  /// The base of the rotary embedding is a tenth.
  ROPE_THETA_DIV_10,
  /// Attention sees later keys.
  NO_MASK,
  /// The output projection of attention is transposed.
  TRANSPOSE_O_PROJ,
  /// A norm's gradient ignores the gradient that comes in.
  DROP_UPSTREAM_GRADIENT,
  /// The gradient of attention forgets the scale of the scores.
  NO_ATTENTION_SCALE_BACKWARD,
  /// The step changes no weight.
  NO_UPDATE,
  /// Products go on with the weights as they were before the first step.
  STALE_PACK,
  /// Products round their operands to half precision, although single is declared.
  F16_OPERANDS,
  /// The same with the upper half of single precision.
  BF16_OPERANDS;

  static Mutant named(@Nullable String name) {
    if (name == null || DeviceFault.named(name).isPresent()) {
      return NONE;
    }
    for (Mutant mutant : values()) {
      if (mutant.name().toLowerCase(Locale.ROOT).equals(name)) {
        return mutant;
      }
    }
    throw new AdapterException(
        AdapterException.Kind.UNSUPPORTED, "griffinfly knows no mutant " + name);
  }

  /// The case that is built.
  CaseDefinition definition(CaseDefinition definition) {
    if (this != ROPE_THETA_DIV_10) {
      return definition;
    }
    Map<String, Object> parameters = new TreeMap<>(definition.hyperParameters());
    parameters.compute(
        "rope_theta", (_, theta) -> theta instanceof Number base ? base.doubleValue() / 10 : null);
    return new CaseDefinition(
        definition.id(), definition.arch(), parameters, definition.weights(), definition.inputs());
  }

  /// The value that a weight is given.
  Tensor weight(String name, Tensor value) {
    return switch (this) {
      case ZERO_WEIGHTS -> Tensor.zeros(value.type());
      case TRANSPOSE_O_PROJ -> name.endsWith("o_proj.weight") ? transposed(value) : value;
      default -> value;
    };
  }

  private static Tensor transposed(Tensor matrix) {
    int n = matrix.shape().dim(0);
    Tensor out = Tensor.zeros(matrix.type());
    for (int row = 0; row < n; row++) {
      for (int column = 0; column < n; column++) {
        out.setDouble((long) column * n + row, matrix.getDouble((long) row * n + column));
      }
    }
    return out;
  }

  /// The graph that is compiled.
  Graph forward(Graph graph) {
    return switch (this) {
      case NO_MASK -> GraphMutations.withoutMask(graph);
      case F16_OPERANDS -> GraphMutations.withOperandsIn(DType.F16, graph);
      case BF16_OPERANDS -> GraphMutations.withOperandsIn(DType.BF16, graph);
      default -> graph;
    };
  }

  /// The graph of a step, with its backward pass.
  Graph step(Graph graph) {
    return switch (this) {
      case DROP_UPSTREAM_GRADIENT -> GraphMutations.withoutUpstream(graph);
      case NO_ATTENTION_SCALE_BACKWARD -> GraphMutations.withoutScale(graph);
      case NO_UPDATE -> GraphMutations.withoutAssigns(graph);
      case STALE_PACK -> GraphMutations.withStaleWeights(graph);
      default -> graph;
    };
  }
}
