package io.griffinfly.engine.ref;

import io.griffinfly.engine.ir.Attention;
import io.griffinfly.engine.ir.Contract;
import io.griffinfly.engine.ir.Elementwise;
import io.griffinfly.engine.ir.Gather;
import io.griffinfly.engine.ir.Graph;
import io.griffinfly.engine.ir.GraphException;
import io.griffinfly.engine.ir.Leaf;
import io.griffinfly.engine.ir.Loss;
import io.griffinfly.engine.ir.Move;
import io.griffinfly.engine.ir.Norm;
import io.griffinfly.engine.ir.Op;
import io.griffinfly.engine.ir.Reduce;
import io.griffinfly.engine.ir.ShapeRules;
import io.griffinfly.engine.ir.Tensor;
import io.griffinfly.engine.ir.TensorType;
import io.griffinfly.engine.ir.ValueType;
import io.griffinfly.engine.ref.Value.Array;
import java.util.List;
import java.util.Map;

/// Evaluates operations and graphs in double precision.
public final class Interpreter {
  private Interpreter() {}

  /// Evaluates one operation without rounding.
  ///
  /// @param op the operation, any but an input or a state
  /// @param inputs its operands
  /// @return its result
  /// @throws GraphException if the operands do not fit, or an index leaves its axis
  public static Value apply(Op op, List<? extends Value> inputs) {
    return apply(op, inputs, Precision.EXACT);
  }

  /// Evaluates one operation.
  ///
  /// @param op the operation, any but an input or a state
  /// @param inputs its operands
  /// @param precision what is rounded; constant folding takes [Precision#TYPED]
  /// @return its result
  /// @throws GraphException if the operands do not fit, or an index leaves its axis
  public static Value apply(Op op, List<? extends Value> inputs, Precision precision) {
    ValueType type = ShapeRules.infer(op, inputs.stream().map(Value::valueType).toList());
    Value value =
        op instanceof Move.Project(int index)
            ? tuple(inputs.getFirst()).elements().get(index)
            : evaluate(op, inputs.stream().map(Interpreter::array).toList(), type);
    return switch (precision) {
      case EXACT -> value;
      case TYPED -> rounded(value);
    };
  }

  private static Value evaluate(Op op, List<Array> inputs, ValueType type) {
    return switch (op) {
      case Leaf leaf -> LeafReference.evaluate(leaf);
      case Elementwise elementwise ->
          ElementwiseReference.evaluate(elementwise, inputs, single(type));
      case Reduce reduce -> ReduceReference.evaluate(reduce, inputs, single(type));
      case Contract contract -> ContractReference.evaluate(contract, inputs, single(type));
      case Move move -> MoveReference.evaluate(move, inputs, single(type));
      case Gather gather -> GatherReference.evaluate(gather, inputs, single(type));
      case Norm norm -> NormReference.evaluate(norm, inputs);
      case Attention attention -> AttentionReference.evaluate(attention, inputs);
      case Loss loss -> LossReference.evaluate(loss, inputs);
    };
  }

  private static TensorType single(ValueType type) {
    return switch (type) {
      case TensorType tensor -> tensor;
      case ValueType.Tuple _ -> throw new GraphException("several results where one is expected");
    };
  }

  private static Array array(Value value) {
    return switch (value) {
      case Array array -> array;
      case Value.Tuple _ -> throw new GraphException("an operand has several results");
    };
  }

  private static Value.Tuple tuple(Value value) {
    return switch (value) {
      case Array _ -> throw new GraphException("the operand has a single result");
      case Value.Tuple tuple -> tuple;
    };
  }

  private static Value rounded(Value value) {
    return switch (value) {
      case Array array ->
          ElementwiseReference.fill(array.type(), i -> array.dtype().round(array.get(i)));
      case Value.Tuple(List<Array> elements) ->
          new Value.Tuple(
              elements.stream().map(Interpreter::rounded).map(Interpreter::array).toList());
    };
  }

  /// Runs a graph without rounding.
  ///
  /// @param graph the graph
  /// @param inputs every input of the graph by name; any floating-point type stands for any other
  /// @param states every state by name, likewise; more than the graph has do no harm
  /// @return outputs, loss and the states after the run, floating point as F64
  /// @throws GraphException if an input or a state is missing or does not fit, or an operation
  ///   fails; the message names the node
  public static Interpretation run(
      Graph graph, Map<String, Tensor> inputs, Map<String, Tensor> states) {
    return run(graph, inputs, states, Precision.EXACT);
  }

  /// Runs a graph.
  ///
  /// @param graph the graph
  /// @param inputs every input of the graph by name; any floating-point type stands for any other
  /// @param states every state by name, likewise; more than the graph has do no harm
  /// @param precision what is rounded
  /// @return outputs, loss and the states after the run
  /// @throws GraphException if an input or a state is missing or does not fit, or an operation
  ///   fails; the message names the node
  public static Interpretation run(
      Graph graph, Map<String, Tensor> inputs, Map<String, Tensor> states, Precision precision) {
    return new GraphRun(graph, inputs, states, precision).run();
  }
}
