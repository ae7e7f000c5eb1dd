package io.griffinfly.engine;

import io.griffinfly.engine.ir.Attention;
import io.griffinfly.engine.ir.Contract;
import io.griffinfly.engine.ir.DType;
import io.griffinfly.engine.ir.Elementwise;
import io.griffinfly.engine.ir.Gather;
import io.griffinfly.engine.ir.GraphBuilder;
import io.griffinfly.engine.ir.Initializer;
import io.griffinfly.engine.ir.Leaf;
import io.griffinfly.engine.ir.Literal;
import io.griffinfly.engine.ir.Loss;
import io.griffinfly.engine.ir.Move;
import io.griffinfly.engine.ir.Node;
import io.griffinfly.engine.ir.Norm;
import io.griffinfly.engine.ir.Op;
import io.griffinfly.engine.ir.Reduce;
import io.griffinfly.engine.ir.ReduceFn;
import io.griffinfly.engine.ir.ScalarExpr;
import io.griffinfly.engine.ir.ScalarFn;
import io.griffinfly.engine.ir.Shape;
import io.griffinfly.engine.ir.TensorType;
import io.griffinfly.engine.ir.ValueType;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/// Every operation with operands of awkward sizes: batches, broadcasting, odd extents. Whoever
/// tests a property of all operations walks this list, and [OpSamplesTest] fails when an operation
/// has no sample.
public final class OpSamples {
  /// An operand.
  ///
  /// @param type its type
  /// @param limit for integers, what every element is below
  public record Operand(TensorType type, int limit) {}

  /// An operation and what it is applied to.
  ///
  /// @param op the operation
  /// @param operands its operands
  public record Sample(Op op, List<Operand> operands) {
    /// Applies the operation.
    ///
    /// @param g the builder
    /// @param inputs nodes of the operands' types
    /// @return its results, one for most operations
    public List<Node> apply(GraphBuilder g, List<Node> inputs) {
      Node node = g.add(op, inputs);
      return switch (node.valueType()) {
        case TensorType _ -> List.of(node);
        case ValueType.Tuple(List<TensorType> elements) ->
            IntStream.range(0, elements.size()).mapToObj(i -> g.project(node, i)).toList();
      };
    }

    @Override
    public String toString() {
      return op + " " + operands.stream().map(Operand::type).toList();
    }
  }

  private final DType real;
  private final List<Sample> samples = new ArrayList<>();

  private OpSamples(DType real) {
    this.real = real;
  }

  /// All samples.
  ///
  /// @param real the floating-point type of their operands
  /// @return the samples
  public static List<Sample> of(DType real) {
    OpSamples all = new OpSamples(real);
    all.leaves();
    for (ScalarFn fn : ScalarFn.values()) {
      all.map(fn);
    }
    all.casts();
    all.reductions();
    all.contractions();
    all.moves();
    all.gathers();
    all.composites();
    return List.copyOf(all.samples);
  }

  private Operand x(int... dims) {
    return new Operand(TensorType.of(real, dims), 0);
  }

  private static Operand integers(int limit, int... dims) {
    return new Operand(TensorType.of(DType.I64, dims), limit);
  }

  private static Operand truth(int... dims) {
    return new Operand(TensorType.of(DType.BOOL, dims), 2);
  }

  private void add(Op op, Operand... operands) {
    samples.add(new Sample(op, List.of(operands)));
  }

  private void leaves() {
    TensorType type = TensorType.of(real, 2, 3);
    add(new Leaf.Input("given", type));
    add(new Leaf.State("weight", type, Leaf.Role.PARAMETER, new Initializer.Normal(0.02)));
    add(new Leaf.State("cache", type, Leaf.Role.BUFFER, new Initializer.Fill(1)));
    add(new Leaf.State("moment", type, Leaf.Role.OPTIMIZER, new Initializer.Uniform(-1, 1)));
    add(new Leaf.Constant(Literal.splat(type, -0.5)));
    add(new Leaf.Constant(Literal.of(type, 1, 2, 3, -0.0, 0.1, 1e-30)));
    add(new Leaf.Constant(Literal.of(TensorType.of(DType.BOOL, 3), 1, 0, 1)));
    add(new Leaf.Iota(TensorType.of(DType.I64, 3, 5), 0));
    add(new Leaf.Iota(TensorType.of(real, 2, 3, 5), 1));
  }

  private void map(ScalarFn fn) {
    switch (fn.kind()) {
      case ARITHMETIC, REAL, COMPARISON -> {
        add(new Elementwise.Map(fn), operands(fn, x(2, 3, 5), x(2, 3, 5)));
        if (fn.arity() == 2) {
          add(new Elementwise.Map(fn), x(3, 1), x(2, 1, 5));
          add(new Elementwise.Map(fn), x(2, 7), x());
        }
      }
      case LOGIC -> add(new Elementwise.Map(fn), operands(fn, truth(2, 3), truth(3)));
      case CHOICE -> {
        add(new Elementwise.Map(fn), truth(2, 3, 5), x(2, 3, 5), x(2, 3, 5));
        add(new Elementwise.Map(fn), truth(3, 1), x(2, 1, 5), x());
      }
    }
  }

  private static Operand[] operands(ScalarFn fn, Operand... all) {
    return List.of(all).subList(0, fn.arity()).toArray(Operand[]::new);
  }

  private void casts() {
    for (DType to : DType.values()) {
      add(new Elementwise.Cast(to), x(3, 5));
      add(new Elementwise.Cast(to), integers(9, 7));
      add(new Elementwise.Cast(to), truth(7));
    }
  }

  private void reductions() {
    for (ReduceFn fn : ReduceFn.values()) {
      add(new Reduce.Fold(fn, List.of(2), true), x(2, 3, 5));
      add(new Reduce.Fold(fn, List.of(0, 2), false), x(3, 2, 7));
      add(new Reduce.Fold(fn, List.of(0, 1), true), x(5, 3));
      add(new Reduce.Fold(fn, List.of(), false), x(3));
    }
    add(new Reduce.ArgMax(1, false), x(2, 5, 3));
    add(new Reduce.ArgMax(0, true), x(7, 2));
  }

  private void contractions() {
    for (boolean left : new boolean[] {false, true}) {
      for (boolean right : new boolean[] {false, true}) {
        Op op = new Contract.MatMul(left, right);
        add(op, matrix(left, 3, 5), matrix(right, 5, 7));
        add(op, matrix(left, 3, 5, 2), matrix(right, 5, 7));
        add(op, matrix(left, 3, 5), matrix(right, 5, 2, 3));
        add(op, matrix(left, 3, 1, 2, 1), matrix(right, 1, 5, 4));
        var biased = ScalarExpr.apply(ScalarFn.ADD, new ScalarExpr.Arg(0), new ScalarExpr.Arg(1));
        var epilogue =
            ScalarExpr.apply(
                ScalarFn.SUB,
                ScalarExpr.apply(ScalarFn.TANH, new ScalarExpr.Convert(real, biased)),
                ScalarExpr.apply(ScalarFn.MUL, new ScalarExpr.Arg(2), new ScalarExpr.Scalar(0.75)));
        add(
            new Contract.FusedMatMul(left, right, epilogue),
            matrix(left, 3, 5, 2),
            matrix(right, 5, 7),
            x(7),
            x(2, 3, 7));
      }
    }
    add(new Contract.FusedMatMul(false, false, new ScalarExpr.Arg(0)), x(3, 5), x(5, 2));
  }

  private Operand matrix(boolean transpose, int rows, int columns, int... batch) {
    int[] dims = java.util.Arrays.copyOf(batch, batch.length + 2);
    dims[batch.length] = transpose ? columns : rows;
    dims[batch.length + 1] = transpose ? rows : columns;
    return x(dims);
  }

  private void moves() {
    add(new Move.Reshape(Shape.of(5, 6)), x(2, 3, 5));
    add(new Move.Reshape(Shape.SCALAR), x(1, 1));
    add(new Move.Transpose(List.of(2, 0, 1)), x(2, 3, 5));
    add(new Move.Transpose(List.of(0, 2, 1, 3)), x(2, 3, 5, 2));
    add(new Move.Broadcast(Shape.of(4, 3, 5)), x(3, 1));
    add(new Move.Broadcast(Shape.of(2, 3)), x());
    add(new Move.Slice(1, 1, 2), x(2, 5, 3));
    add(new Move.Slice(0, 0, 1), x(3));
    add(new Move.Pad(1, 2, 1), x(2, 3, 5));
    add(new Move.Concat(1), x(2, 3, 5), x(2, 1, 5), x(2, 2, 5));
    add(new Move.Concat(0), x(3));
  }

  private void gathers() {
    add(new Gather.Take(0), x(7, 5), integers(7, 2, 3));
    add(new Gather.Take(1), x(2, 5, 3), integers(5, 4));
    add(new Gather.Take(0), x(7), integers(7));
    add(new Gather.ScatterAdd(0, 7), integers(7, 2, 3), x(2, 3, 5));
    add(new Gather.ScatterAdd(1, 5), integers(5, 4), x(2, 4, 3));
  }

  private void composites() {
    add(new Norm.RmsNorm(1e-5), x(2, 3, 5), x(5));
    add(new Norm.RmsNormGrad(1e-5), x(2, 3, 5), x(5), x(2, 3, 5));
    for (boolean inverse : new boolean[] {false, true}) {
      add(new Attention.Rotary(inverse), x(2, 3, 5, 6), x(5, 3), x(5, 3));
      add(new Attention.Rotary(inverse), x(3, 2), x(3, 1), x(1));
    }
    for (Attention.Mask mask : Attention.Mask.values()) {
      Operand q = x(2, 6, 3, 4);
      Operand k = x(2, 2, 5, 4);
      Operand v = x(2, 2, 5, 3);
      Operand y = x(2, 6, 3, 3);
      Operand denominators = new Operand(TensorType.of(DType.F32, 2, 6, 3), 0);
      add(new Attention.Attend(0.4, mask), q, k, v);
      add(new Attention.AttendGrad(0.4, mask), q, k, v, y, denominators, y);
    }
    add(new Loss.CrossEntropy(2), x(3, 2, 5), integers(5, 3, 2));
    add(new Loss.CrossEntropy(-100), x(3, 5), integers(5, 3));
    add(new Loss.CrossEntropyGrad(2), x(3, 2, 5), integers(5, 3, 2), x(3, 2), x());
  }
}
