package io.griffinfly.engine.io.onnx;

import static io.griffinfly.engine.io.onnx.ExportCase.f32;

import io.griffinfly.engine.ir.Contract;
import io.griffinfly.engine.ir.DType;
import io.griffinfly.engine.ir.Elementwise;
import io.griffinfly.engine.ir.Gather;
import io.griffinfly.engine.ir.GraphBuilder;
import io.griffinfly.engine.ir.Initializer;
import io.griffinfly.engine.ir.Literal;
import io.griffinfly.engine.ir.Move;
import io.griffinfly.engine.ir.Node;
import io.griffinfly.engine.ir.Reduce;
import io.griffinfly.engine.ir.ReduceFn;
import io.griffinfly.engine.ir.ScalarExpr;
import io.griffinfly.engine.ir.ScalarFn;
import io.griffinfly.engine.ir.Shape;
import io.griffinfly.engine.ir.TensorType;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/// Every primitive operation, in every form, with odd sizes.
class PrimitiveExportTest {
  private final List<ExportCase> cases = new ArrayList<>();

  private void add(String name, Function<GraphBuilder, Node> build) {
    cases.add(new ExportCase(name, build));
  }

  @TestFactory
  Stream<DynamicTest> everyOperationInEveryForm() {
    scalarFunctions();
    conversions();
    leaves();
    moves();
    gathers();
    reductions();
    products();
    return ExportCase.inEveryForm(cases);
  }

  private void scalarFunctions() {
    for (ScalarFn fn : ScalarFn.values()) {
      add("map " + fn, g -> mapped(g, fn, DType.F32));
      if (fn.kind() == ScalarFn.Kind.ARITHMETIC) {
        add("map " + fn + " i64", g -> mapped(g, fn, DType.I64));
        add("map " + fn + " i32", g -> mapped(g, fn, DType.I32));
      }
    }
  }

  /// The function of operands whose shapes broadcast.
  private static Node mapped(GraphBuilder g, ScalarFn fn, DType numbers) {
    int[][] dims = {{3, 1, 5}, {7, 1}, {3, 7, 5}};
    Node[] operands = new Node[fn.arity()];
    for (int i = 0; i < operands.length; i++) {
      boolean truth =
          fn.kind() == ScalarFn.Kind.LOGIC || (fn.kind() == ScalarFn.Kind.CHOICE && i == 0);
      boolean positive =
          (fn == ScalarFn.DIV && i == 1)
              || List.of(ScalarFn.LOG, ScalarFn.SQRT, ScalarFn.RSQRT).contains(fn)
              || (fn == ScalarFn.POW && i == 0);
      String kind = positive ? "positive" : "signed";
      Node input = g.input(kind + i, truth ? DType.BOOL : numbers, dims[i]);
      // Integers drawn for a divisor may be zero.
      operands[i] = positive && !numbers.isFloat() ? g.add(input, g.constant(numbers, 1)) : input;
    }
    return g.map(fn, operands);
  }

  private void conversions() {
    for (DType from : DType.values()) {
      for (DType to : DType.values()) {
        add(
            "cast " + from + " to " + to,
            g -> g.add(new Elementwise.Cast(to), g.input("signed", from, 3, 5)));
      }
    }
  }

  private void leaves() {
    add("constant", g -> g.constant(Literal.of(TensorType.of(DType.F32, 3), 1, -2, 0.1)));
    add(
        "splat",
        g -> g.add(f32(g, "x", 5), g.constant(Literal.splat(TensorType.of(DType.F32, 3, 1), 0.3))));
    add("scalar", g -> g.constant(DType.F64, 1.0 / 3));
    add("truth", g -> g.constant(Literal.splat(TensorType.of(DType.BOOL, 4), 1)));
    for (DType dtype : List.of(DType.F32, DType.I32, DType.I64)) {
      add("iota first " + dtype, g -> g.iota(dtype, 0, 3, 5, 2));
      add("iota last " + dtype, g -> g.iota(dtype, -1, 3, 7));
    }
    add("state", g -> g.parameter("layer.weight", Initializer.zeros(), 3, 5));
    add(
        "one value twice",
        g -> {
          Node x = g.relu(f32(g, "x", 3));
          g.output("other", x);
          return x;
        });
    add(
        "an input as it is",
        g -> {
          g.output("first", f32(g, "x", 3));
          return g.input("y", DType.I64, 2);
        });
  }

  private void moves() {
    add("reshape", g -> g.reshape(f32(g, "x", 3, 10), 5, 2, 3));
    add("reshape to scalar", g -> g.reshape(f32(g, "x", 1, 1)));
    add("reshape empty", g -> g.reshape(f32(g, "x", 0, 3), 5, 0));
    add("transpose", g -> g.transpose(f32(g, "x", 2, 3, 5), 2, 0, 1));
    add("broadcast", g -> g.broadcast(f32(g, "x", 3, 1), Shape.of(2, 3, 5)));
    add("broadcast scalar", g -> g.broadcast(f32(g, "x"), Shape.of(2, 3)));
    add("slice", g -> g.slice(f32(g, "x", 7, 3), 0, 2, 4));
    add("slice last", g -> g.slice(f32(g, "x", 2, 7), -1, 6, 1));
    add("slice nothing", g -> g.slice(f32(g, "x", 2, 7), -1, 3, 0));
    for (DType dtype : List.of(DType.F32, DType.I64, DType.F16)) {
      add("pad " + dtype, g -> g.add(new Move.Pad(1, 2, 3), g.input("x", dtype, 2, 5, 3)));
    }
    add("concat", g -> g.concat(1, f32(g, "x", 2, 3), f32(g, "y", 2, 1), f32(g, "z", 2, 5)));
    add("concat one", g -> g.concat(0, f32(g, "x", 2, 3)));
  }

  private void gathers() {
    for (DType dtype : List.of(DType.I64, DType.I32)) {
      for (int axis = 0; axis < 3; axis++) {
        int[] dims = {7, 8, 9};
        dims[axis] = 5;
        int at = axis;
        add(
            "take " + axis + " " + dtype,
            g -> g.take(f32(g, "table", dims), g.input("ids", dtype, 2, 3), at));
        add(
            "scatter add " + axis + " " + dtype,
            g -> {
              Node ids = g.input("ids", dtype, 2, 3);
              Node like = g.take(f32(g, "table", dims), ids, at);
              Node updates = f32(g, "updates", like.shape().dims());
              return g.add(new Gather.ScatterAdd(at, 5), ids, updates);
            });
      }
    }
    add("take one", g -> g.take(f32(g, "table", 5, 3), g.input("id", DType.I64), 0));
  }

  private void reductions() {
    for (ReduceFn fn : ReduceFn.values()) {
      for (List<Integer> axes :
          List.of(List.<Integer>of(), List.of(0), List.of(2), List.of(0, 2), List.of(0, 1, 2))) {
        for (boolean keep : new boolean[] {false, true}) {
          add(
              fn + " over " + axes + (keep ? " kept" : ""),
              g -> g.add(new Reduce.Fold(fn, axes, keep), f32(g, "x", 3, 5, 7)));
        }
      }
      add(
          fn + " i64",
          g -> g.add(new Reduce.Fold(fn, List.of(1), false), g.input("signed", DType.I64, 3, 5)));
    }
    add("arg max", g -> g.add(new Reduce.ArgMax(1, false), f32(g, "x", 3, 5, 2)));
    add(
        "arg max of equals",
        g -> g.add(new Reduce.ArgMax(1, true), g.input("few", DType.I32, 4, 9)));
  }

  private void products() {
    for (boolean left : new boolean[] {false, true}) {
      for (boolean right : new boolean[] {false, true}) {
        String name = "matmul" + (left ? " transposed" : "") + (right ? " by transposed" : "");
        add(
            name,
            g ->
                g.matMul(
                    left ? f32(g, "a", 2, 1, 7, 3) : f32(g, "a", 2, 1, 3, 7),
                    right ? f32(g, "b", 5, 9, 7) : f32(g, "b", 5, 7, 9),
                    left,
                    right));
        add(
            name + " weight",
            g -> {
              int[] dims = right ? new int[] {9, 7} : new int[] {7, 9};
              Node weight = g.parameter("w", Initializer.zeros(), dims);
              return g.matMul(
                  left ? f32(g, "a", 2, 7, 3) : f32(g, "a", 2, 3, 7), weight, left, right);
            });
      }
    }
    ScalarExpr biasedRelu =
        ScalarExpr.apply(
            ScalarFn.ADD,
            new ScalarExpr.Arg(2),
            ScalarExpr.apply(
                ScalarFn.RELU,
                ScalarExpr.apply(ScalarFn.ADD, new ScalarExpr.Arg(0), new ScalarExpr.Arg(1))));
    add(
        "fused matmul",
        g ->
            g.add(
                new Contract.FusedMatMul(false, true, biasedRelu),
                f32(g, "a", 2, 3, 5),
                f32(g, "b", 7, 5),
                f32(g, "bias", 7),
                f32(g, "residual", 2, 3, 7)));
    ScalarExpr chosen =
        ScalarExpr.apply(
            ScalarFn.SELECT,
            ScalarExpr.apply(
                ScalarFn.LESS,
                new ScalarExpr.Scalar(1),
                new ScalarExpr.Convert(DType.I32, new ScalarExpr.Arg(0))),
            new ScalarExpr.Scalar(0.25),
            new ScalarExpr.Arg(0));
    add(
        "matmul with types in its epilogue",
        g ->
            g.add(
                new Contract.FusedMatMul(false, false, chosen),
                f32(g, "a", 3, 5),
                f32(g, "b", 5, 7)));
  }
}
