package io.griffinfly.engine.io.onnx;

import static io.griffinfly.engine.io.onnx.ExportCase.f32;

import io.griffinfly.engine.ir.Attention;
import io.griffinfly.engine.ir.DType;
import io.griffinfly.engine.ir.GraphBuilder;
import io.griffinfly.engine.ir.Loss;
import io.griffinfly.engine.ir.Node;
import io.griffinfly.engine.ir.Norm;
import io.griffinfly.engine.ir.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/// Norms, rotary embeddings, losses and attention, alone and as a transformer has them.
class CompositeExportTest {
  private final List<ExportCase> cases = new ArrayList<>();

  private void add(String name, Function<GraphBuilder, Node> build) {
    cases.add(new ExportCase(name, build));
  }

  @TestFactory
  Stream<DynamicTest> everyOperationInEveryForm() {
    composites();
    attention();
    return ExportCase.inEveryForm(cases);
  }

  private void composites() {
    add("rms norm", g -> g.add(new Norm.RmsNorm(1e-3), f32(g, "x", 2, 3, 33), f32(g, "w", 33)));
    add("rms norm of a line", g -> g.add(new Norm.RmsNorm(1e-5), f32(g, "x", 7), f32(g, "w", 7)));
    add(
        "rms norm f64",
        g ->
            g.add(
                new Norm.RmsNorm(1e-3), g.input("x", DType.F64, 3, 5), g.input("w", DType.F64, 5)));
    for (boolean inverse : new boolean[] {false, true}) {
      for (int[] table :
          new int[][] {{5, 4}, {1, 1, 5, 4}, {2, 1, 5, 4}, {2, 3, 5, 4}, {4}, {1, 5, 4}}) {
        add(
            "rotary" + (inverse ? " inverse " : " ") + Shape.of(table),
            g ->
                g.add(
                    new Attention.Rotary(inverse),
                    f32(g, "x", 2, 3, 5, 8),
                    f32(g, "cos", table),
                    f32(g, "sin", table)));
      }
    }
    add(
        "rotary of a matrix",
        g ->
            g.add(
                new Attention.Rotary(false),
                f32(g, "x", 5, 6),
                f32(g, "cos", 5, 3),
                f32(g, "sin", 5, 3)));
    for (long ignored : new long[] {-100, 3}) {
      for (int index = 0; index < 2; index++) {
        int result = index;
        add(
            "cross entropy " + index + " ignoring " + ignored,
            g ->
                g.project(
                    g.add(
                        new Loss.CrossEntropy(ignored),
                        f32(g, "logits", 2, 9, 7),
                        g.input("labels", DType.I64, 2, 9)),
                    result));
      }
    }
  }

  private void attention() {
    for (Attention.Mask mask : Attention.Mask.values()) {
      // Batch, heads, groups, queries, keys, depth, depth of the values.
      for (int[] e :
          new int[][] {
            {2, 3, 3, 5, 5, 8, 8},
            {1, 6, 2, 7, 7, 8, 8},
            {2, 6, 3, 1, 1, 16, 16},
            {2, 4, 2, 3, 9, 8, 8},
            {1, 4, 1, 5, 5, 8, 16},
            {1, 2, 2, 33, 33, 64, 64}
          }) {
        String name = "attend " + mask + " " + Shape.of(e);
        add(name, g -> g.project(attend(g, mask, e), 0));
        add(name + " log-denominators", g -> g.project(attend(g, mask, e), 1));
        add(name + " within its model", g -> within(g, mask, e));
      }
    }
  }

  private static Node attend(GraphBuilder g, Attention.Mask mask, int[] e) {
    return g.add(
        new Attention.Attend(0.3, mask),
        f32(g, "q", e[0], e[1], e[3], e[5]),
        f32(g, "k", e[0], e[2], e[4], e[5]),
        f32(g, "v", e[0], e[2], e[4], e[6]));
  }

  /// Attention as a transformer has it: heads split from rows, rotated, and joined again.
  private static Node within(GraphBuilder g, Attention.Mask mask, int[] e) {
    Node q = heads(g, "q", e[0], e[3], e[1], e[5]);
    Node k = heads(g, "k", e[0], e[4], e[2], e[5]);
    Node v = heads(g, "v", e[0], e[4], e[2], e[6]);
    if (e[3] == e[4]) {
      Node cos = f32(g, "cos", e[3], e[5] / 2);
      Node sin = f32(g, "sin", e[3], e[5] / 2);
      q = g.add(new Attention.Rotary(false), q, cos, sin);
      k = g.add(new Attention.Rotary(false), k, cos, sin);
    }
    Node out = g.project(g.add(new Attention.Attend(0.3, mask), q, k, v), 0);
    return g.reshape(g.transpose(out, 0, 2, 1, 3), e[0], e[3], e[1] * e[6]);
  }

  private static Node heads(
      GraphBuilder g, String name, int batch, int rows, int count, int depth) {
    Node split = g.reshape(f32(g, name, batch, rows, count * depth), batch, rows, count, depth);
    return g.transpose(split, 0, 2, 1, 3);
  }
}
