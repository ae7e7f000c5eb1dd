package io.griffinfly.engine.run;

import io.griffinfly.engine.ir.Assign;
import io.griffinfly.engine.ir.Contract;
import io.griffinfly.engine.ir.Elementwise;
import io.griffinfly.engine.ir.Gather;
import io.griffinfly.engine.ir.Graph;
import io.griffinfly.engine.ir.Leaf;
import io.griffinfly.engine.ir.Loss;
import io.griffinfly.engine.ir.Move;
import io.griffinfly.engine.ir.Node;
import io.griffinfly.engine.ir.Op;
import io.griffinfly.engine.ir.Reduce;
import io.griffinfly.engine.ir.ReduceFn;
import io.griffinfly.engine.ir.ScalarFn;
import io.griffinfly.engine.ir.Tensor;
import io.griffinfly.engine.ref.Interpreter;
import io.griffinfly.engine.ref.Value;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.SequencedMap;
import java.util.function.IntToDoubleFunction;

/// One run of a graph in double precision in which every operation is as wrong as single precision
/// may make it: each element of each result is moved by a random part, between -1 and 1, of the
/// bound that rounding analysis gives for it. What comes out differs from the exact run by an error
/// that a correct single-precision run of the same graph can have, conditioning and cancellation of
/// this very graph at these very numbers included.
///
/// The bounds, with the unit roundoff u = 2^-24: a sum of n terms in any order, products included,
/// √n u times the same sum over absolute values (Higham and Mary 2019, "A new approach to
/// probabilistic rounding error analysis": roundings are independent, so their sum grows with √n;
/// the bound that always holds has n); an arithmetic operation u times its result, an addition u
/// times the sum of absolute values, since rules may reorder additions; a function of real numbers
/// 8 u times its result, the 4 ulp that no function of `LaneMathTest` exceeds; what moves or
/// compares numbers is exact.
final class RoundingModel {
  private static final double UNIT = 0x1p-24;
  private static final int FUNCTION = 8;

  private final Map<Node, Value> values = new HashMap<>();
  private final Random random;

  private RoundingModel(long seed) {
    this.random = new Random(seed);
  }

  /// What a run yields.
  ///
  /// @param outputs the outputs by name
  /// @param states the states after the run by name
  record Result(SequencedMap<String, Tensor> outputs, Map<String, Tensor> states) {}

  static Result run(
      Graph graph, Map<String, Tensor> inputs, Map<String, Tensor> states, long seed) {
    RoundingModel model = new RoundingModel(seed);
    for (Node node : graph.nodes()) {
      model.values.put(node, model.value(node, inputs, states));
    }
    SequencedMap<String, Tensor> outputs = new LinkedHashMap<>();
    graph.outputs().forEach((name, node) -> outputs.put(name, model.array(node).toExactTensor()));
    Map<String, Tensor> after = new LinkedHashMap<>(states);
    for (Assign assign : graph.assigns()) {
      if (assign.state().op() instanceof Leaf.State state) {
        after.put(state.name(), model.array(assign.value()).toExactTensor());
      }
    }
    return new Result(outputs, after);
  }

  private Value.Array array(Node node) {
    return (Value.Array) Objects.requireNonNull(values.get(node));
  }

  private Value value(Node node, Map<String, Tensor> inputs, Map<String, Tensor> states) {
    return switch (node.op()) {
      case Leaf.Input input -> given(inputs, input.name());
      case Leaf.State state -> {
        Value.Array stored = given(states, state.name());
        yield Value.Array.of(state.type(), stored.data());
      }
      case Move.Project(int index) ->
          ((Value.Tuple) Objects.requireNonNull(values.get(node.inputs().getFirst())))
              .elements()
              .get(index);
      case Op op -> moved(op, node.inputs().stream().map(this::array).toList());
    };
  }

  private static Value.Array given(Map<String, Tensor> tensors, String name) {
    return Value.Array.of(Objects.requireNonNull(tensors.get(name), name));
  }

  private Value moved(Op op, List<Value.Array> inputs) {
    return switch (Interpreter.apply(op, inputs)) {
      case Value.Array exact -> moved(exact, bound(op, inputs, exact));
      case Value.Tuple(List<Value.Array> elements) -> {
        // The log of a sum of exponentials of differences, then a mean over the rows.
        Value.Array logits = inputs.getFirst();
        double terms =
            2 * FUNCTION + Math.sqrt(logits.shape().dim(-1)) + Math.sqrt(inputs.get(1).size());
        double scale = 1 + 2 * Arrays.stream(logits.data()).map(Math::abs).max().orElseThrow();
        yield new Value.Tuple(
            elements.stream().map(exact -> moved(exact, _ -> terms * scale)).toList());
      }
    };
  }

  /// @param units bound of each element's error in units of roundoff
  private Value.Array moved(Value.Array exact, IntToDoubleFunction units) {
    if (!exact.dtype().isFloat()) {
      return exact;
    }
    double[] data = exact.data().clone();
    for (int i = 0; i < data.length; i++) {
      double bound = units.applyAsDouble(i) * UNIT;
      // A masked score is infinite, and exactly so.
      data[i] += Double.isFinite(bound) ? bound * random.nextDouble(-1, 1) : 0;
    }
    return Value.Array.of(exact.type(), data);
  }

  private static IntToDoubleFunction bound(Op op, List<Value.Array> inputs, Value.Array exact) {
    IntToDoubleFunction size = i -> Math.abs(exact.get(i));
    return switch (op) {
      case Leaf.Constant _ -> size;
      case Contract.MatMul matMul -> {
        Value.Array left = inputs.getFirst();
        yield sum(op, inputs, left.shape().dim(matMul.transposeLeft() ? -2 : -1));
      }
      case Reduce.Fold(ReduceFn fn, _, _) ->
          fn == ReduceFn.MAX
              ? _ -> 0
              : sum(op, inputs, inputs.getFirst().size() / Math.max(1, exact.size()));
      case Gather.ScatterAdd _ -> sum(op, inputs, inputs.getFirst().size());
      case Loss.CrossEntropyGrad _ -> {
        // exp(logit - log of the denominator) / rows, less 1 / rows at the label.
        double each = Math.abs(inputs.getLast().get(0)) / inputs.get(1).size();
        yield _ -> (2 * FUNCTION) * each;
      }
      case Elementwise.Map(ScalarFn fn) -> map(fn, op, inputs, size);
      case Elementwise.Cast _, Gather.Take _, Leaf.Iota _, Move _, Reduce.ArgMax _ -> _ -> 0;
      default -> throw new IllegalArgumentException(op + " is modelled by its parts, not whole");
    };
  }

  private static IntToDoubleFunction map(
      ScalarFn fn, Op op, List<Value.Array> inputs, IntToDoubleFunction size) {
    return switch (fn.kind()) {
      case REAL -> i -> FUNCTION * size.applyAsDouble(i);
      case COMPARISON, LOGIC, CHOICE -> _ -> 0;
      case ARITHMETIC ->
          switch (fn) {
            case ADD -> sum(op, inputs, 1);
            case SUB -> sum(new Elementwise.Map(ScalarFn.ADD), inputs, 1);
            case MUL, DIV -> size;
            default -> _ -> 0;
          };
    };
  }

  /// The same operation over absolute values, times the root of the number of terms.
  private static IntToDoubleFunction sum(Op op, List<Value.Array> inputs, int terms) {
    List<Value.Array> sizes =
        inputs.stream()
            .map(in -> Value.Array.of(in.type(), Arrays.stream(in.data()).map(Math::abs).toArray()))
            .toList();
    Value.Array bound = (Value.Array) Interpreter.apply(op, sizes);
    double factor = Math.sqrt(terms);
    return i -> factor * bound.get(i);
  }
}
